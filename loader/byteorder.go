// SPDX-License-Identifier: MIT

package loader

import (
	"encoding/binary"
	"fmt"
)

var nativeBig = binary.NativeEndian.Uint16([]byte{0, 1}) == 1

// checkOrder refuses to load an object of the other byte order: its maps could be
// created, and would hold nonsense.
func (o *Object) checkOrder() error {
	big := o.file.BigEndian()
	if big == nativeBig {
		return nil
	}
	order, target := "little", "bpfel"
	if big {
		order = "big"
	}
	if nativeBig {
		target = "bpfeb"
	}
	return &Error{Class: ClassObject, Code: "byte-order", Object: o.File, Err: fmt.Errorf("the object is for %s-endian machines, and this is not one", order),
		Advice: "compile with -target bpf on this machine, or -target " + target}
}
