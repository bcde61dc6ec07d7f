// SPDX-License-Identifier: MIT

package value_test

import (
	"fmt"

	"github.com/bpfload/bpfload/internal/elftest"
	"github.com/bpfload/bpfload/internal/value"
	"github.com/bpfload/bpfload/rawbtf"
)

func Example() {
	var b elftest.BTF
	u16 := b.Typedef("__be16", b.Int("unsigned short", 2, 0))
	u32 := b.Typedef("__be32", b.Int("unsigned int", 4, 0))
	endpoint := b.Struct("endpoint", 8,
		elftest.Member{Name: "addr", Type: u32},
		elftest.Member{Name: "port", Type: u16, Bits: 32})
	types, err := rawbtf.Parse(b.Bytes(false), nil)
	if err != nil {
		panic(err)
	}
	key := make([]byte, 8)
	if err := value.ParseText(types, endpoint, `{"addr":"10.0.0.1","port":443}`, key); err != nil {
		panic(err)
	}
	fmt.Printf("%x\n", key)
	out, err := value.Format(types, endpoint, key)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s\n", out)
	fmt.Println(value.ParseText(types, endpoint, `{"port":70000}`, key))
	// Output:
	// 0a00000101bb0000
	// {"addr":"10.0.0.1","port":443}
	// port: 70000 does not fit __be16 (0 to 65535)
}
