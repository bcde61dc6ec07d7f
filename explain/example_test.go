// SPDX-License-Identifier: MIT

package explain_test

import (
	"fmt"

	"github.com/bpfload/bpfload/explain"
)

func ExampleLookup() {
	page, ok := explain.Lookup("pin-incompatible")
	fmt.Println(ok, page.Code)
	// Output: true pin-incompatible
}
