// A cache that is bounded by the bytes of its values; the oldest entry goes first.
#pragma once

#include "plugin.h"

struct cache_entry {
    struct cache_entry *next_in_bucket;
    struct cache_entry *newer;
    uint32_t hash;
    uint32_t key_size;
    uint32_t value_size;
    char *key;
    char *value;
};

struct cache {
    struct cache_entry **buckets;
    struct cache_entry *oldest, *newest;
    size_t bytes, bytes_max;
};

void cache_initialise(struct cache *cache, size_t bytes_max);
const struct cache_entry *cache_find(const struct cache *cache, struct text key);

// Makes an entry with an uninitialised value for the caller to fill, after removing as many old ones as it takes.
struct cache_entry *cache_insert(struct cache *cache, struct text key, size_t value_size);
