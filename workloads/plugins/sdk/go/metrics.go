package proxywasm

// Reading the runtime's figures costs microseconds: rare enough not to show in a request's latency.
const streamsPerReport = 32

type memoryFigures struct {
	liveBytes, heapBytes, collections uint64
}

var memory struct {
	live, heap, collections Metric
	collectionsReported     uint64
	streamsUntilReport      int
}

func defineMemoryMetrics() {
	memory.heap = defineMetric(metricGauge, "gc_heap_bytes")
	if knowsCollections {
		memory.collections = defineMetric(metricCounter, "gc_collections")
	}
}

func reportMemoryMetrics() {
	if memory.streamsUntilReport > 0 {
		memory.streamsUntilReport--
		return
	}
	memory.streamsUntilReport = streamsPerReport - 1
	figures := readMemoryFigures()
	// Nothing is known to be live before the first collection; with GOGC=off there is none.
	if knowsLiveBytes && figures.collections > 0 {
		if memory.live == 0 {
			memory.live = defineMetric(metricGauge, "gc_live_bytes")
		}
		memory.live.record(figures.liveBytes)
	}
	memory.heap.record(figures.heapBytes)
	if figures.collections > memory.collectionsReported {
		memory.collections.Add(figures.collections - memory.collectionsReported)
		memory.collectionsReported = figures.collections
	}
}
