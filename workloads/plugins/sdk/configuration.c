// Just enough JSON for a flat object of numbers; a plugin's configuration has nothing else.
#include <string.h>

#include "plugin.h"

static bool is_space(char byte) { return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r'; }

static const char *skip_space(const char *at, const char *end) {
    while (at < end && is_space(*at)) {
        at++;
    }
    return at;
}

// Where the value of `name` starts, or NULL.
static const char *find_value(struct text configuration, const char *name) {
    const char *end = configuration.bytes + configuration.size;
    size_t name_size = strlen(name);
    for (const char *at = configuration.bytes; at + name_size + 2 <= end; at++) {
        if (at[0] != '"' || memcmp(at + 1, name, name_size) != 0 || at[1 + name_size] != '"') {
            continue;
        }
        const char *colon = skip_space(at + name_size + 2, end);
        if (colon < end && *colon == ':') {
            return skip_space(colon + 1, end);
        }
    }
    return NULL;
}

size_t configuration_number(struct text configuration, const char *name, size_t default_value) {
    if (configuration.size == 0) {
        return default_value;
    }
    const char *end = configuration.bytes + configuration.size;
    const char *at = find_value(configuration, name);
    if (at == NULL || at >= end || *at < '0' || *at > '9') {
        return default_value;
    }
    size_t value = 0;
    for (; at < end && *at >= '0' && *at <= '9'; at++) {
        value = value * 10 + (size_t)(*at - '0');
    }
    return value;
}
