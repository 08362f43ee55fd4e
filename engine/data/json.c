/* json.c: a strict scanner of JSON (RFC 8259); its strings are in json_string.c, its numbers in json_number.c.
 *
 * Strict: no comments, no trailing commas, no leading zeros or '+', no bare control characters in strings, no lone
 * surrogates. Nesting is followed on a stack of bits, one a level (array or object), so that a hundred thousand
 * brackets cost an error and not the call stack.
 *
 * What it does not do: check UTF-8, build a tree, notice duplicate keys. */
#include "engine/data/json.h"

bool sl_json_fail(struct sl_json *json, const char *at, const char *why)
{
    json->at = at;
    json->why = why;
    return false;
}

char sl_json_peek(struct sl_json *json)
{
    while (json->at < json->end && (*json->at == ' ' || *json->at == '\t' || *json->at == '\n' || *json->at == '\r')) {
        json->at++;
    }
    return json->at < json->end ? *json->at : '\0';
}

bool sl_json_expect(struct sl_json *json, char c, const char *why)
{
    if (sl_json_peek(json) != c || json->at == json->end) {
        return sl_json_fail(json, json->at, why);
    }
    json->at++;
    return true;
}

static bool scan_word(struct sl_json *json, const char *word, enum sl_json_kind kind, struct sl_json_value *value)
{
    size_t n = strlen(word);
    if ((size_t)(json->end - json->at) < n || memcmp(json->at, word, n) != 0) {
        return sl_json_fail(json, json->at, "this is no value (text needs double quotes)");
    }
    *value = (struct sl_json_value){ .kind = kind, .raw = { json->at, n } };
    json->at += n;
    return true;
}

static bool scan_scalar(struct sl_json *json, char c, struct sl_json_value *value)
{
    switch (c) {
    case '"': return sl_json_scan_string(json, value);
    case 't': return scan_word(json, "true", SL_JSON_BOOL, value);
    case 'f': return scan_word(json, "false", SL_JSON_BOOL, value);
    case 'n': return scan_word(json, "null", SL_JSON_NULL, value);
    default: break;
    }
    if (c == '-' || (c >= '0' && c <= '9')) {
        return sl_json_scan_number(json, value);
    }
    if (json->at == json->end) {
        return sl_json_fail(json, json->at, "it breaks off where a value should be");
    }
    return sl_json_fail(json, json->at, "this is no value (text needs double quotes)");
}

static bool scan_key(struct sl_json *json)
{
    struct sl_json_value key;
    if (sl_json_peek(json) != '"') {
        return sl_json_fail(json, json->at, "a key in double quotes is wanted");
    }
    return sl_json_scan_string(json, &key) && sl_json_expect(json, ':', "':' is wanted after a key");
}

/* json->at is after the opening bracket of an array or object; go on to its end. */
static bool scan_nested(struct sl_json *json, bool object)
{
    uint64_t is_object[SL_JSON_DEPTH / 64] = { 0 };
    unsigned depth = 1;
    is_object[0] = object;
    bool fresh = true; /* just opened: may be closed at once */
    while (depth) {
        unsigned level = depth - 1;
        bool in_object = is_object[level / 64] >> (level % 64) & 1;
        char c = sl_json_peek(json), close = in_object ? '}' : ']';
        if (json->at == json->end) {
            return sl_json_fail(json, json->at, in_object ? "it breaks off in an object" : "it breaks off in an array");
        }
        if (c == close && fresh) {
            json->at++;
            depth--;
            fresh = false;
            continue;
        }
        if (!fresh) {
            if (c == close) {
                json->at++;
                depth--;
                continue;
            }
            if (!sl_json_expect(json, ',', in_object ? "',' or '}' is wanted" : "',' or ']' is wanted")) {
                return false;
            }
        }
        if (in_object && !scan_key(json)) {
            return false;
        }
        c = sl_json_peek(json);
        struct sl_json_value ignored;
        fresh = c == '{' || c == '[';
        if (!fresh) {
            if (!scan_scalar(json, c, &ignored)) {
                return false;
            }
            continue;
        }
        if (depth == SL_JSON_DEPTH) {
            return sl_json_fail(json, json->at, "brackets are nested more than 512 deep");
        }
        uint64_t bit = UINT64_C(1) << (depth % 64);
        is_object[depth / 64] = (is_object[depth / 64] & ~bit) | (c == '{' ? bit : 0);
        depth++;
        json->at++;
    }
    return true;
}

bool sl_json_scan(struct sl_json *json, struct sl_json_value *value)
{
    char c = sl_json_peek(json);
    if (c != '{' && c != '[') {
        return scan_scalar(json, c, value);
    }
    const char *start = json->at++;
    if (!scan_nested(json, c == '{')) {
        return false;
    }
    *value = (struct sl_json_value){ .kind = c == '{' ? SL_JSON_OBJECT : SL_JSON_ARRAY,
                                     .raw = { start, (size_t)(json->at - start) } };
    return true;
}
