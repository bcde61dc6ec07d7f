// SPDX-License-Identifier: MIT

package legacy

import (
	"fmt"

	"github.com/bpfload/bpfload/btfmaps"
)

// annotate gives maps the key and value types of their annotations: a struct
// ____btf_map_NAME with key and value, made by BPF_ANNOTATE_KV_PAIR in the time
// between BTF and definitions through it (Linux 4.18 to 5.2). As in libbpf, the
// types count only where both sizes agree with the record.
func (o *object) annotate() {
	if o.types == nil {
		return
	}
	list := btfmaps.Annotations(o.types)
	if len(list) == 0 {
		return
	}
	for i := range o.maps {
		m, d := &o.maps[i], &o.defs[i]
		a, ok := btfmaps.FindAnnotation(list, m.Name)
		if !ok {
			continue
		}
		key, ok1 := o.types.Size(a.Key)
		value, ok2 := o.types.Size(a.Value)
		if !ok1 || !ok2 || key != uint64(m.KeySize) || value != uint64(m.ValueSize) {
			o.warn("annotation-differs", d, 0, fmt.Sprintf(
				"struct ____btf_map_%s has a key of %d and a value of %d bytes, the record %d and %d: its types are not used",
				m.Name, key, value, m.KeySize, m.ValueSize))
			continue
		}
		m.KeyType, m.ValueType = a.Key, a.Value
	}
}
