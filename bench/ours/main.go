// SPDX-License-Identifier: MIT

// Ours opens and loads objects with this project's library; see package worker.
package main

import (
	"context"

	"github.com/bpfload/bpfload/bench/internal/worker"
	"github.com/bpfload/bpfload/loader"
)

func main() {
	worker.Contender[*loader.Object]{
		Open: func(data []byte) (*loader.Object, error) {
			return loader.Open(data, nil)
		},
		Load: func(o *loader.Object) (func(), error) {
			l, err := o.Load(context.Background(), &loader.LoadOptions{IgnorePins: true})
			if err != nil {
				return nil, err
			}
			return func() { l.Close() }, nil
		},
	}.Serve()
}
