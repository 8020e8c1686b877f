package proxywasm

import "unsafe"

// What the host offers, as far as our plugins use it. Names and types are those of the ABI.

const (
	statusOK = 0

	bufferRequestBody         = 0
	bufferPluginConfiguration = 7
	mapRequestHeaders         = 0
	metricCounter             = 0
	metricGauge               = 1
	logError                  = 4

	// Continue lets the request go on; StopAndBuffer makes the host keep a body until there is more of it.
	Continue      = 0
	StopAndBuffer = 1
)

//go:wasmimport env proxy_log
func proxyLog(level uint32, text unsafe.Pointer, size uint32) uint32

//go:wasmimport env proxy_get_buffer_bytes
func proxyGetBufferBytes(kind, start, size uint32, bytes, bytesSize unsafe.Pointer) uint32

//go:wasmimport env proxy_get_header_map_value
func proxyGetHeaderMapValue(kind uint32, key unsafe.Pointer, keySize uint32, value, valueSize unsafe.Pointer) uint32

//go:wasmimport env proxy_define_metric
func proxyDefineMetric(kind uint32, name unsafe.Pointer, nameSize uint32, metric unsafe.Pointer) uint32

//go:wasmimport env proxy_increment_metric
func proxyIncrementMetric(metric uint32, delta int64) uint32

//go:wasmimport env proxy_record_metric
func proxyRecordMetric(metric uint32, value int64) uint32

// Results of host calls. Global, so that the host never writes into a goroutine's stack, which can move.
var result struct {
	pointer, size, number uint32
}

// The block that the host asked for last. It is reachable until the call that returns it has taken it, and no longer:
// holding it until somebody calls free would be the leak of the runtimes that do so.
var hostBuffer []byte

//go:wasmexport proxy_on_memory_allocate
func proxyOnMemoryAllocate(size uint32) unsafe.Pointer {
	hostBuffer = make([]byte, size)
	return unsafe.Pointer(unsafe.SliceData(hostBuffer))
}

// takeHostBuffer gives what a successful call has returned. Nil when it was empty: then the host allocates nothing.
func takeHostBuffer(status uint32) []byte {
	buffer := hostBuffer
	hostBuffer = nil
	if status != statusOK || result.size == 0 {
		return nil
	}
	return buffer[:result.size]
}

func getBuffer(kind, size uint32) []byte {
	status := proxyGetBufferBytes(kind, 0, size, unsafe.Pointer(&result.pointer), unsafe.Pointer(&result.size))
	return takeHostBuffer(status)
}

// RequestHeader is the first value of a header, empty when there is none.
func RequestHeader(name string) string {
	status := proxyGetHeaderMapValue(mapRequestHeaders, unsafe.Pointer(unsafe.StringData(name)), uint32(len(name)),
		unsafe.Pointer(&result.pointer), unsafe.Pointer(&result.size))
	return string(takeHostBuffer(status))
}

// RequestBody is the first size bytes of the body, which the caller may keep.
func RequestBody(size uint32) []byte { return getBuffer(bufferRequestBody, size) }

// Metric is a handle to a counter or gauge.
type Metric uint32

// DefineCounter makes a counter, or finds the one of that name.
func DefineCounter(name string) Metric { return defineMetric(metricCounter, name) }

func defineMetric(kind uint32, name string) Metric {
	proxyDefineMetric(kind, unsafe.Pointer(unsafe.StringData(name)), uint32(len(name)), unsafe.Pointer(&result.number))
	return Metric(result.number)
}

// Add increments a counter.
func (metric Metric) Add(delta uint64) { proxyIncrementMetric(uint32(metric), int64(delta)) }

func (metric Metric) record(value uint64) { proxyRecordMetric(uint32(metric), int64(value)) }

// LogError writes a line to the host's log.
func LogError(text string) {
	proxyLog(logError, unsafe.Pointer(unsafe.StringData(text)), uint32(len(text)))
}
