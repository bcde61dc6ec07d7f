// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bpfload/bpfload/internal/plain"
	"github.com/bpfload/bpfload/mapops"
)

func isMissing(err error) bool { return errors.Is(err, mapops.ErrNotFound) }

func newMapUpdateBatch(e *env) *cobra.Command {
	f := elementFlags{cpu: -1}
	var from string
	cmd := &cobra.Command{
		Use:   "update-batch PIN KEY VALUE...",
		Short: "Write many elements in one go",
		Long: `update-batch writes elements given as pairs of a key and a value, or as lines of a
file like those of import. It ends at the first element that is refused, says how
many were written before it, and leaves them.`,
		Example: "  bpfload map update-batch /sys/fs/bpf/demo key=40 value=400 key=50 value=500",
		RunE: func(cmd *cobra.Command, args []string) error {
			flags, err := f.flags()
			if err != nil {
				return err
			}
			return e.withMap(cmd, args, false, func(v *mapVerb, rest []string) error {
				if from != "" {
					if len(rest) > 0 {
						return usagef("map update-batch: --from and elements exclude each other")
					}
					return v.importFrom(cmd, from, flags)
				}
				keys, values, n, err := v.elements(rest)
				if err != nil {
					return err
				}
				done, err := v.m.UpdateBatch(cmd.Context(), keys, values, flags)
				return v.did("wrote", done, n, err)
			})
		},
	}
	f.add(cmd.Flags(), "any, noexist (create only), exist (change only) and lock")
	cmd.Flags().StringVar(&from, "from", "", "`FILE` with elements as JSON lines, - for standard input")
	return cmd
}

// elements parses pairs of keys and values, or values where there are no keys.
func (v *mapVerb) elements(args []string) (keys, values []byte, n int, err error) {
	names := v.elementNames(true)
	if len(args) == 0 || len(args)%len(names) != 0 {
		hint := v.try(names)
		if len(args) == 1 {
			if st, err := os.Stat(args[0]); err == nil && st.Mode().IsRegular() {
				hint = fmt.Sprintf("try: bpfload map %s %s --from %s", v.op, v.pin, args[0])
			}
		}
		return nil, nil, 0, hinted(usagef("map %s: %s, want %s for each element", v.op, plain.Count(len(args), "operand"), strings.Join(names, " and ")), hint)
	}
	for ; len(args) > 0; args = args[len(names):] {
		key, value, err := v.element(args[:len(names)], element{})
		if err != nil {
			return nil, nil, 0, err
		}
		keys, values = append(keys, key...), append(values, value...)
		n++
	}
	return keys, values, n, nil
}

func newMapDeleteBatch(e *env) *cobra.Command {
	var from string
	cmd := &cobra.Command{
		Use:   "delete-batch PIN KEY...",
		Short: "Remove many elements in one go",
		Long: `delete-batch removes the elements of keys, given as operands or as lines of a file
like those of export. It ends at the first key that is not there (exit 1), says how
many were removed before it, and does not bring them back.`,
		Example: "  bpfload map delete-batch /sys/fs/bpf/demo key=40 key=50",
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.withMap(cmd, args, false, func(v *mapVerb, rest []string) error {
				if from != "" {
					if len(rest) > 0 {
						return usagef("map delete-batch: --from and keys exclude each other")
					}
					in, _, err := e.input(from)
					if err != nil {
						return err
					}
					defer in.Close()
					done, err := v.m.DeleteLines(cmd.Context(), in)
					return v.did("removed", done, 0, err)
				}
				if len(rest) == 0 {
					return hinted(usagef("map delete-batch: no key given"), v.try([]string{"key"}))
				}
				var keys []byte
				for _, arg := range rest {
					key, err := v.m.ParseKey(strings.TrimPrefix(arg, "key="))
					if err != nil {
						return err
					}
					keys = append(keys, key...)
				}
				done, err := v.m.DeleteBatch(cmd.Context(), keys)
				return v.did("removed", done, len(rest), err)
			})
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "`FILE` with keys as JSON lines, - for standard input")
	return cmd
}
