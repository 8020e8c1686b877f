//go:build tinygo

package proxywasm

import "runtime"

// TinyGo's figures count blocks in use whether reachable or not, and no collections.
const (
	knowsLiveBytes   = false
	knowsCollections = false
)

var statistics runtime.MemStats

func readMemoryFigures() memoryFigures {
	runtime.ReadMemStats(&statistics)
	return memoryFigures{heapBytes: statistics.HeapSys}
}
