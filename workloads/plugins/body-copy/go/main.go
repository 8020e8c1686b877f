// The body-copy plugin in Go: copies every request's body and keeps the last few.
package main

import proxywasm "sluice/plugins/sdk/go"

const bodiesKept = 8

type bodyCopy struct {
	proxywasm.Base
	bodies [bodiesKept][]byte
	next   uint32
}

func (plugin *bodyCopy) RequestBody(context, size uint32, isEnd bool) uint32 {
	if !isEnd {
		return proxywasm.StopAndBuffer
	}
	if body := proxywasm.RequestBody(size); len(body) > 0 {
		plugin.bodies[plugin.next%bodiesKept] = append([]byte(nil), body...)
		plugin.next++
	}
	return proxywasm.Continue
}

func init() { proxywasm.Serve(&bodyCopy{}) }

func main() {}
