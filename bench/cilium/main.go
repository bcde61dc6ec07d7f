// SPDX-License-Identifier: MIT

// Cilium opens and loads objects with github.com/cilium/ebpf; see package worker.
package main

import (
	"bytes"

	"github.com/cilium/ebpf"

	"github.com/bpfload/bpfload/bench/internal/worker"
)

func main() {
	worker.Contender[*ebpf.CollectionSpec]{
		Open: func(data []byte) (*ebpf.CollectionSpec, error) {
			return ebpf.LoadCollectionSpecFromReader(bytes.NewReader(data))
		},
		Load: func(spec *ebpf.CollectionSpec) (func(), error) {
			for _, m := range spec.Maps {
				m.Pinning = ebpf.PinNone
			}
			coll, err := ebpf.NewCollection(spec)
			if err != nil {
				return nil, err
			}
			return coll.Close, nil
		},
	}.Serve()
}
