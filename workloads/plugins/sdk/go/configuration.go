package proxywasm

import "strings"

// Number is the non-negative integer behind "name" in a flat JSON object; byDefault when there is none.
func Number(configuration []byte, name string, byDefault int) int {
	_, after, found := strings.Cut(string(configuration), `"`+name+`"`)
	if !found {
		return byDefault
	}
	after = strings.TrimLeft(after, " \t\r\n:")
	value, digits := 0, 0
	for digits < len(after) && after[digits] >= '0' && after[digits] <= '9' {
		value = value*10 + int(after[digits]-'0')
		digits++
	}
	if digits == 0 {
		return byDefault
	}
	return value
}
