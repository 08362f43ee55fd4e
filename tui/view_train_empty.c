/* view_train_empty.c: the Train view before the first training: what a recipe needs, and what of it is there. */
#include "view_train.h"

#define NAME_WIDTH 11

struct need {
    enum sl_stage_kind kind;
    const char *name, *why; /* why: shown while there is none */
    bool must;
};

static const struct need needs[] = {
    { SL_SOURCE, "data", ":open FILE", true },
    { SL_TARGET, "label", "which column to predict, :label COLUMN", true },
    { SL_SPLIT, "split", "what to test on, :split test_size=0.2", false },
    { SL_ENCODER, "encoder", "texts to numbers, :tfidf COLUMN", false },
    { SL_LEARNER, "learner", "what to train, :logistic", true },
};

static const char *stage_of(struct sl_session *session, enum sl_stage_kind kind)
{
    for (size_t i = 0; i < sl_session_stages(session); i++) {
        const struct sl_stage_view *stage = sl_session_stage(session, i);
        if (stage->class && stage->class->kind == kind && !stage->off)
            return stage->text;
    }
    struct sl_pipeline *pipeline = sl_session_pipeline(session);
    const struct sl_stage *implicit = pipeline ? sl_pipeline_find(pipeline, kind) : NULL;
    if (implicit && implicit->implicit)
        return implicit->target;
    return kind == SL_SPLIT && pipeline && sl_pipeline_sources(pipeline) > 1 ? "by source" : NULL;
}

/* A list of what is needed. False: something that must be there is not. */
static bool draw_needs(struct area area, int *y, struct sl_session *session)
{
    bool all = true;
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++, ++*y) {
        const char *text = stage_of(session, needs[i].kind);
        all = all && (text || !needs[i].must);
        const char *mark = text ? screen_glyph("✓", "+") : needs[i].must ? "!" : screen_glyph("○", "o");
        screen_text(area, *y, 0, -1, text ? STYLE_GOOD : needs[i].must ? STYLE_WARNING : STYLE_DIM, sl_str(mark));
        screen_text(area, *y, 2, -1, text ? STYLE_NORMAL : STYLE_STRONG, sl_str(needs[i].name));
        screen_text(area, *y, NAME_WIDTH, -1, STYLE_DIM, sl_str(text ? text : needs[i].why));
    }
    return all;
}

static void draw_ready(struct area area, int y)
{
    int x = screen_text(area, y, 0, -1, STYLE_NORMAL, SL_STR("Press "));
    x += screen_text(area, y, x, -1, STYLE_KEY, SL_STR("t"));
    screen_text(area, y, x, -1, STYLE_NORMAL, SL_STR(" to train. The curves draw themselves here meanwhile,"));
    screen_text(area, y + 1, 0, -1, STYLE_NORMAL, SL_STR("and you can go on working in the other views."));
}

void train_draw_empty(struct area area, struct sl_session *session)
{
    int y = area.h > 12 ? 2 : 0, space = area.h > 12;
    struct area inner = { area.y, area.x + 2, area.h, area.w - 4 };
    screen_text(inner, y++, 0, -1, STYLE_STRONG, SL_STR("Nothing is trained yet."));
    y += space;
    if (!session) {
        screen_text(inner, y, 0, -1, STYLE_NORMAL, SL_STR("Open a file first: type :open FILE"));
        return;
    }
    bool all = draw_needs(inner, &y, session);
    y += space;
    const struct sl_error *problem = sl_session_problem(session);
    if (problem)
        train_draw_problem(inner, y, problem);
    else if (all)
        draw_ready(inner, y);
    else
        screen_text(inner, y, 0, -1, STYLE_HINT,
                    SL_STR("Add what is missing here at the prompt, or in the pipeline: 2."));
}
