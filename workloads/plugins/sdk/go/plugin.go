// Package proxywasm is what our Go plugins are written against: Proxy-Wasm 0.2.0 with the runtime's own collector. It
// keeps to the language and library that Go and TinyGo have in common.
package proxywasm

// Plugin is the part of a plugin that differs from plugin to plugin. Embed Base and define what is wanted.
type Plugin interface {
	Configure(configuration []byte) bool
	RequestHeaders(context uint32) uint32
	RequestBody(context, size uint32, isEnd bool) uint32
	StreamEnd(context uint32)
}

// Base does nothing and lets everything pass.
type Base struct{}

func (Base) Configure([]byte) bool                   { return true }
func (Base) RequestHeaders(uint32) uint32            { return Continue }
func (Base) RequestBody(uint32, uint32, bool) uint32 { return Continue }
func (Base) StreamEnd(uint32)                        {}

var plugin Plugin = Base{}

// Serve names the plugin of this module. To be called from init: main does not run in a reactor.
func Serve(served Plugin) { plugin = served }

//go:wasmexport proxy_abi_version_0_2_0
func proxyABIVersion() {}

//go:wasmexport proxy_on_context_create
func proxyOnContextCreate(context, parent uint32) {}

//go:wasmexport proxy_on_vm_start
func proxyOnVMStart(root, configurationSize uint32) uint32 { return 1 }

//go:wasmexport proxy_on_configure
func proxyOnConfigure(root, configurationSize uint32) uint32 {
	defineMemoryMetrics()
	var configuration []byte
	if configurationSize > 0 {
		configuration = getBuffer(bufferPluginConfiguration, configurationSize)
	}
	if plugin.Configure(configuration) {
		return 1
	}
	return 0
}

//go:wasmexport proxy_on_request_headers
func proxyOnRequestHeaders(context, headers, endOfStream uint32) uint32 {
	return plugin.RequestHeaders(context)
}

//go:wasmexport proxy_on_request_body
func proxyOnRequestBody(context, size, endOfStream uint32) uint32 {
	return plugin.RequestBody(context, size, endOfStream != 0)
}

//go:wasmexport proxy_on_log
func proxyOnLog(context uint32) {
	plugin.StreamEnd(context)
	reportMemoryMetrics()
}

//go:wasmexport proxy_on_done
func proxyOnDone(context uint32) uint32 { return 1 }

// The end of a stream that never got as far as its access log; for any other it comes again, and does nothing.
//
//go:wasmexport proxy_on_delete
func proxyOnDelete(context uint32) { plugin.StreamEnd(context) }
