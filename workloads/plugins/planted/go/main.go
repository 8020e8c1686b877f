// The planted plugin in Go: keeps memory, makes garbage and takes time, as the VM's environment says.
package main

import (
	"os"
	"strconv"

	proxywasm "sluice/plugins/sdk/go"
)

type planted struct {
	proxywasm.Base
	keepBytes, garbageBytes, spin int
	everything                    [][]byte
	garbage                       []byte
	spun                          uint32
}

func number(name string) int {
	value, _ := strconv.Atoi(os.Getenv(name))
	return value
}

func (plugin *planted) Configure(configuration []byte) bool {
	plugin.keepBytes = number("KEEP_BYTES")
	plugin.garbageBytes = number("GARBAGE_BYTES")
	plugin.spin = number("SPIN")
	return true
}

func filled(bytes int, with byte) []byte {
	block := make([]byte, bytes)
	for at := range block {
		block[at] = with
	}
	return block
}

func (plugin *planted) RequestHeaders(context uint32) uint32 {
	if plugin.keepBytes > 0 {
		plugin.everything = append(plugin.everything, filled(plugin.keepBytes, 'k'))
	}
	if plugin.garbageBytes > 0 {
		plugin.garbage = filled(plugin.garbageBytes, 'g')
	}
	sum := plugin.spun
	for round := 0; round < plugin.spin; round++ {
		sum = (sum ^ uint32(round)) * 16777619
	}
	plugin.spun = sum
	return proxywasm.Continue
}

func (plugin *planted) StreamEnd(context uint32) { plugin.garbage = nil }

func init() { proxywasm.Serve(&planted{}) }

func main() {}
