// The large-body plugin in Go: one large block for each request, dropped when the stream ends.
package main

import (
	"encoding/binary"

	proxywasm "sluice/plugins/sdk/go"
)

const (
	touchEveryBytes = 4096
	fillByte        = 0xA5
)

type largeBody struct {
	proxywasm.Base
	blockBytes int
	blocks     map[uint32][]byte
}

func (plugin *largeBody) Configure(configuration []byte) bool {
	plugin.blockBytes = proxywasm.Number(configuration, "bytes", 10<<20)
	plugin.blocks = map[uint32][]byte{}
	return true
}

func (plugin *largeBody) RequestHeaders(context uint32) uint32 {
	block := make([]byte, plugin.blockBytes)
	plugin.blocks[context] = block
	fill(block)
	for at := 0; at+4 <= len(block); at += touchEveryBytes {
		binary.LittleEndian.PutUint32(block[at:], context)
	}
	return proxywasm.Continue
}

// By doubling, so that the bytes are moved by memory.copy and not one by one.
func fill(block []byte) {
	if len(block) == 0 {
		return
	}
	block[0] = fillByte
	for done := 1; done < len(block); done *= 2 {
		copy(block[done:], block[:done])
	}
}

func (plugin *largeBody) StreamEnd(context uint32) {
	block := plugin.blocks[context]
	for at := 0; at+4 <= len(block); at += touchEveryBytes {
		if binary.LittleEndian.Uint32(block[at:]) != context {
			panic("large-body: the block was overwritten while its stream was open")
		}
	}
	delete(plugin.blocks, context)
}

func init() { proxywasm.Serve(&largeBody{}) }

func main() {}
