// The bounded-cache plugin in Go: a value for each request path, the oldest entry goes first.
package main

import proxywasm "sluice/plugins/sdk/go"

// What an entry costs beside its key and value; the C flavours' figure, so that all hold the same number of entries.
const entryOverheadBytes = 28

type entry struct {
	key   string
	value []byte
	newer *entry
}

type boundedCache struct {
	proxywasm.Base
	entries        map[string]*entry
	oldest, newest *entry
	bytes          int
	bytesMax       int
	entryBytes     int
	hits, misses   proxywasm.Metric
}

func (cache *boundedCache) Configure(configuration []byte) bool {
	cache.entryBytes = proxywasm.Number(configuration, "entry_bytes", 16<<10)
	cache.bytesMax = proxywasm.Number(configuration, "bound_bytes", 32<<20)
	if cache.entryBytes > cache.bytesMax {
		proxywasm.LogError("bounded-cache: entry_bytes is larger than bound_bytes")
		return false
	}
	cache.entries = map[string]*entry{}
	cache.hits = proxywasm.DefineCounter("cache_hits")
	cache.misses = proxywasm.DefineCounter("cache_misses")
	return true
}

func (cache *boundedCache) RequestHeaders(context uint32) uint32 {
	key := proxywasm.RequestHeader(":path")
	found, isFound := cache.entries[key]
	if !isFound {
		cache.insert(key)
		cache.misses.Add(1)
		return proxywasm.Continue
	}
	if last := len(found.value) - 1; last >= 0 && (found.value[0] != mark(key) || found.value[last] != mark(key)) {
		panic("bounded-cache: a cached value was overwritten")
	}
	cache.hits.Add(1)
	return proxywasm.Continue
}

// The value tells its key, so that a hit can check it.
func mark(key string) byte {
	sum := byte(0)
	for at := 0; at < len(key); at++ {
		sum += key[at]
	}
	return 'a' + sum%26
}

func (cache *boundedCache) insert(key string) {
	bytes := entryOverheadBytes + len(key) + cache.entryBytes
	for cache.oldest != nil && cache.bytes+bytes > cache.bytesMax {
		cache.removeOldest()
	}
	value := make([]byte, cache.entryBytes)
	byteOfKey := mark(key)
	for at := range value {
		value[at] = byteOfKey
	}
	added := &entry{key: key, value: value}
	cache.entries[key] = added
	if cache.newest != nil {
		cache.newest.newer = added
	} else {
		cache.oldest = added
	}
	cache.newest = added
	cache.bytes += bytes
}

func (cache *boundedCache) removeOldest() {
	removed := cache.oldest
	delete(cache.entries, removed.key)
	cache.oldest = removed.newer
	if cache.oldest == nil {
		cache.newest = nil
	}
	removed.newer = nil
	cache.bytes -= entryOverheadBytes + len(removed.key) + len(removed.value)
}

func init() { proxywasm.Serve(&boundedCache{}) }

func main() {}
