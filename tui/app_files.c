/* app_files.c: another recipe or session, chosen from a list: those of the current folder, and of the folder the first
 * file came from. */
#include "app_private.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILES_MOST = 400, NOTE = 100 };

struct files {
    char *path[FILES_MOST], *note[FILES_MOST];
    size_t n;
};

/* What the list on the screen was made of: a list may go away unanswered. */
static struct files *offered;

static void release(struct files *files)
{
    for (size_t i = 0; files && i < files->n; i++) {
        free(files->path[i]);
        free(files->note[i]);
    }
    free(files);
}

static void add(struct files *files, const char *path, const char *note)
{
    if (files->n == FILES_MOST) {
        return;
    }
    files->path[files->n] = strdup(path);
    files->note[files->n] = strdup(note);
    if (files->path[files->n] && files->note[files->n]) {
        files->n++;
        return;
    }
    free(files->path[files->n]);
    free(files->note[files->n]);
}

/* What a recipe says of itself first. */
static void head_of(const char *path, char out[NOTE])
{
    FILE *file = fopen(path, "r");
    char line[NOTE] = "";
    out[0] = '\0';
    if (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\r\n")] = '\0';
        snprintf(out, NOTE, "%s", line + strspn(line, "# "));
    }
    if (file) {
        fclose(file);
    }
}

static int is_recipe(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return entry->d_name[0] != '.' && n > 7 && strcmp(entry->d_name + n - 7, ".sluice") == 0;
}

static void add_recipes(struct files *files, const char *folder)
{
    struct dirent **names = NULL;
    int n = scandir(folder, &names, is_recipe, alphasort);
    for (int i = 0; i < n; i++) {
        char *path = NULL, note[NOTE];
        if (asprintf(&path, "%s%s%s", strcmp(folder, ".") ? folder : "", strcmp(folder, ".") ? "/" : "",
                     names[i]->d_name) >= 0) {
            head_of(path, note);
            add(files, path, note);
            free(path);
        }
        free(names[i]);
    }
    free(names);
}

static void add_sessions(struct files *files)
{
    struct sl_run_info *runs = NULL;
    size_t n = 0;
    if (sl_runs_list(".", &runs, &n, NULL) != SL_OK) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        char note[NOTE];
        const char *path = strncmp(runs[i].path, "./", 2) == 0 ? runs[i].path + 2 : runs[i].path;
        if (runs[i].error) {
            continue;
        }
        snprintf(note, sizeof note, "%s  %s", sl_job_name(runs[i].job), runs[i].recipe_head ? runs[i].recipe_head : "");
        add(files, path, note);
    }
    sl_runs_free(runs, n);
}

/* Folder of the file the workbench was started with; NULL: none, or the current one. Owned by the caller. */
static char *first_folder(const struct app *app)
{
    const char *path = app->options->n_files ? app->options->files[0] : "";
    const char *slash = strrchr(path, '/');
    size_t n = slash == path ? 1 : slash ? (size_t)(slash - path) : 0;
    return n && !(n == 1 && path[0] == '.') ? strndup(path, n) : NULL;
}

static struct files *gather(const struct app *app)
{
    struct files *files = calloc(1, sizeof *files);
    char *folder = first_folder(app);
    if (files) {
        add_recipes(files, ".");
        if (folder) {
            add_recipes(files, folder);
        }
        add_sessions(files);
    }
    free(folder);
    return files;
}

static void open_answered(struct app *app, void *ctx, bool yes)
{
    char *path = ctx;
    if (yes) {
        app_open(app, path);
    }
    free(path);
}

static void chosen(struct app *app, void *ctx, long choice)
{
    (void)ctx;
    char *path = choice >= 0 && (size_t)choice < offered->n ? strdup(offered->path[choice]) : NULL;
    if (path && app_job_runs(app) && !app_attached(app)) {
        app_confirm(app, "A training runs. Leave it? It can be resumed later.", open_answered, path);
    } else if (path) {
        open_answered(app, path, true);
    }
}

void app_choose_file(struct app *app)
{
    release(offered);
    offered = gather(app);
    if (!offered || !offered->n) {
        app_message(app, STYLE_HINT, "there is no other recipe or session in this folder");
        return;
    }
    app_choose(app, "open", (const char *const *)offered->path, (const char *const *)offered->note, offered->n, chosen,
               NULL);
}
