// SPDX-License-Identifier: MIT

package mapops_test

import (
	"context"
	"fmt"

	"github.com/bpfload/bpfload/mapops"
)

// Flags and sizes are read as the command line has them; what works on maps takes
// a kernel and is shown by the documentation of Map.
func Example() {
	flags, err := mapops.ParseFlags("exist,lock")
	fmt.Println(flags == mapops.Exist|mapops.Lock, err)
	_, err = mapops.ParseFlags("sometimes")
	fmt.Println(err)
	_, err = mapops.Open("id:seven", nil)
	fmt.Println(err)
	// Output:
	// true <nil>
	// no flag "sometimes": want any, noexist, exist or lock
	// id:seven: want the id of a map, such as id:7
}

func ExampleMap_All() {
	m, err := mapops.Open("/sys/fs/bpf/counters/packets", &mapops.Options{ReadOnly: true})
	if err != nil {
		return
	}
	defer m.Close()
	for e, err := range m.All(context.Background()) {
		if err != nil {
			return
		}
		key, _ := m.FormatKey(nil, e.Key)
		value, _ := m.FormatValue(nil, e.Value)
		fmt.Printf("%s: %s\n", key, value)
	}
}
