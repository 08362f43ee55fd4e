/* book_here.c: the session files that this process has open.
 *
 * SQLite's locks are POSIX ones: closing any descriptor of a file gives up all that the process holds on it. Another
 * program that looks at the session would then take itself for the last one, and remove the log that is being written.
 * So a file that is open here is known by its inode, and never opened past SQLite to see what it is. */
#include "book.h"

#include <sys/stat.h>

static struct book *first;
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;

void book_here_add(struct book *book)
{
    struct stat st;
    if (!book->path || stat(book->path, &st) != 0)
        return;
    book->device = st.st_dev;
    book->inode = st.st_ino;
    pthread_mutex_lock(&guard);
    book->next = first;
    first = book;
    pthread_mutex_unlock(&guard);
}

void book_here_remove(struct book *book)
{
    pthread_mutex_lock(&guard);
    for (struct book **at = &first; *at; at = &(*at)->next)
        if (*at == book) {
            *at = book->next;
            break;
        }
    pthread_mutex_unlock(&guard);
}

bool book_here(const char *path)
{
    struct stat st;
    bool found = false;
    if (stat(path, &st) != 0)
        return false;
    pthread_mutex_lock(&guard);
    for (const struct book *book = first; book && !found; book = book->next)
        found = book->device == st.st_dev && book->inode == st.st_ino;
    pthread_mutex_unlock(&guard);
    return found;
}
