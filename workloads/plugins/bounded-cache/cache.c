#include "cache.h"

#include <string.h>

enum { BUCKETS = 4096 };

// FNV-1a
static uint32_t hash(struct text key) {
    uint32_t value = 2166136261u;
    for (uint32_t at = 0; at < key.size; at++) {
        value = (value ^ (unsigned char)key.bytes[at]) * 16777619u;
    }
    return value;
}

void cache_initialise(struct cache *cache, size_t bytes_max) {
    *cache = (struct cache){.bytes_max = bytes_max};
    cache->buckets = collector_allocate(BUCKETS * sizeof *cache->buckets);
}

const struct cache_entry *cache_find(const struct cache *cache, struct text key) {
    uint32_t key_hash = hash(key);
    const struct cache_entry *entry = cache->buckets[key_hash % BUCKETS];
    for (; entry != NULL; entry = entry->next_in_bucket) {
        if (entry->hash == key_hash && entry->key_size == key.size && memcmp(entry->key, key.bytes, key.size) == 0) {
            return entry;
        }
    }
    return NULL;
}

static size_t cost(const struct cache_entry *entry) { return sizeof *entry + entry->key_size + entry->value_size; }

static void remove_oldest(struct cache *cache) {
    struct cache_entry *entry = cache->oldest;
    struct cache_entry **link = &cache->buckets[entry->hash % BUCKETS];
    while (*link != entry) {
        link = &(*link)->next_in_bucket;
    }
    *link = entry->next_in_bucket;
    cache->oldest = entry->newer;
    if (cache->oldest == NULL) {
        cache->newest = NULL;
    }
    cache->bytes -= cost(entry);
    collector_release(entry->key);
    collector_release(entry->value);
    // Cut the links: a dead entry that a conservative collector keeps by mistake would keep all newer ones with it.
    *entry = (struct cache_entry){0};
    collector_release(entry);
}

struct cache_entry *cache_insert(struct cache *cache, struct text key, size_t value_size) {
    size_t bytes = sizeof(struct cache_entry) + key.size + value_size;
    while (cache->oldest != NULL && cache->bytes + bytes > cache->bytes_max) {
        remove_oldest(cache);
    }
    struct cache_entry *entry = collector_allocate(sizeof *entry);
    entry->hash = hash(key);
    entry->key_size = key.size;
    entry->value_size = value_size;
    entry->key = collector_allocate_atomic(key.size);
    memcpy(entry->key, key.bytes, key.size);
    entry->value = collector_allocate_atomic(value_size);

    struct cache_entry **bucket = &cache->buckets[entry->hash % BUCKETS];
    entry->next_in_bucket = *bucket;
    *bucket = entry;
    if (cache->newest != NULL) {
        cache->newest->newer = entry;
    } else {
        cache->oldest = entry;
    }
    cache->newest = entry;
    cache->bytes += bytes;
    return entry;
}
