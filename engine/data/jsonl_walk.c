/* jsonl_walk.c: one line of JSON to leaves: a path "a.b.c" and a scalar, an array, or an object too deep to take apart.
 *
 * An empty object above the depth has no leaves. Keys are joined as they are: {"a.b": 1} and {"a": {"b": 1}} mean the
 * same column. */
#include "engine/data/jsonl_private.h"

#include "sluice/text.h"

#include <assert.h>

void sl_json_walk_begin(struct sl_json_walk *walk, struct sl_str record, uint32_t depth)
{
    assert(depth >= 1 && depth <= SL_JSONL_DEPTH_MAX);
    sl_json_init(&walk->json, record);
    walk->depth = depth;
    walk->level = 0;
    walk->fresh = false;
    walk->prefix[0] = 0;
}

static bool begin_object(struct sl_json_walk *walk)
{
    struct sl_json *json = &walk->json;
    if (!sl_json_expect(json, '{', "a record must be an object in braces")) {
        return false;
    }
    walk->level = 1;
    walk->fresh = true;
    return true;
}

/* Path of the key that was scanned: in place when nothing has to be joined or unescaped. */
static bool make_path(struct sl_json_walk *walk, const struct sl_json_value *key, struct sl_str *path)
{
    size_t base = walk->prefix[walk->level - 1];
    if (base + key->raw.n > SL_JSONL_PATH_MAX) {
        return sl_json_fail(&walk->json, key->raw.p, "a key (with those around it) is longer than 1024 bytes");
    }
    if (base == 0 && !key->escaped) {
        *path = key->raw;
        return true;
    }
    size_t n = sl_json_unescape(key->raw, walk->path + base);
    if (memchr(walk->path + base, '\0', n)) {
        return sl_json_fail(&walk->json, key->raw.p, "a key with \\u0000 in it cannot name a column");
    }
    *path = (struct sl_str){ walk->path, base + n };
    return true;
}

static bool descend(struct sl_json_walk *walk, struct sl_str path)
{
    if (path.n >= SL_JSONL_PATH_MAX) {
        return sl_json_fail(&walk->json, walk->json.at, "a key (with those around it) is longer than 1024 bytes");
    }
    if (path.p != walk->path && path.n) {
        memcpy(walk->path, path.p, path.n);
    }
    walk->path[path.n] = '.';
    walk->prefix[walk->level++] = (uint32_t)path.n + 1;
    walk->json.at++;
    walk->fresh = true;
    return true;
}

static enum sl_walk_step end_record(struct sl_json_walk *walk)
{
    sl_json_peek(&walk->json);
    if (walk->json.at != walk->json.end) {
        sl_json_fail(&walk->json, walk->json.at, "more follows after the object; one object a line is wanted");
        return SL_WALK_BAD;
    }
    return SL_WALK_END;
}

enum sl_walk_step sl_json_walk_next(struct sl_json_walk *walk, struct sl_json_leaf *leaf)
{
    struct sl_json *json = &walk->json;
    if (walk->level == 0 && !begin_object(walk)) {
        return SL_WALK_BAD;
    }
    for (;;) {
        char c = sl_json_peek(json);
        if (c == '}') {
            json->at++;
            walk->fresh = false;
            if (--walk->level == 0) {
                return end_record(walk);
            }
            continue;
        }
        if (!walk->fresh && !sl_json_expect(json, ',', "',' or '}' is wanted")) {
            return SL_WALK_BAD;
        }
        struct sl_json_value key;
        struct sl_str path;
        if (sl_json_peek(json) != '"') {
            sl_json_fail(json, json->at, "a key in double quotes is wanted");
            return SL_WALK_BAD;
        }
        if (!sl_json_scan(json, &key) || !sl_json_expect(json, ':', "':' is wanted after a key") ||
            !make_path(walk, &key, &path)) {
            return SL_WALK_BAD;
        }
        if (sl_json_peek(json) == '{' && walk->level < walk->depth) {
            if (!descend(walk, path)) {
                return SL_WALK_BAD;
            }
            continue;
        }
        walk->fresh = false;
        leaf->path = path;
        return sl_json_scan(json, &leaf->value) ? SL_WALK_LEAF : SL_WALK_BAD;
    }
}

void sl_json_walk_reason(const struct sl_json_walk *walk, struct sl_reject *reject)
{
    const struct sl_json *json = &walk->json;
    size_t column = (size_t)(json->at - json->start) + 1, left = (size_t)(json->end - json->at);
    char here[40];
    if (left == 0) {
        sl_reject_reason(reject, "column %zu: the line ends, but %s; mend or remove the line", column, json->why);
        return;
    }
    sl_printable(here, sizeof here, json->at, left < 24 ? left : 24);
    sl_reject_reason(reject, "column %zu: %s, here is '%s'; mend or remove the line", column, json->why, here);
}

bool sl_jsonl_bad_utf8(struct sl_str line, struct sl_reject *reject)
{
    size_t bad = sl_utf8_invalid(line.p, line.n);
    if (bad == line.n) {
        return false;
    }
    sl_reject_reason(reject, "column %zu: byte 0x%02x is not UTF-8; convert the file (iconv -f LATIN1 -t UTF-8)",
                     bad + 1, (unsigned)(unsigned char)line.p[bad]);
    return true;
}
