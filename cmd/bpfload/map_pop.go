// SPDX-License-Identifier: MIT

package main

import (
	"context"

	"github.com/spf13/cobra"
)

func newMapPop(e *env) *cobra.Command {
	var (
		all   bool
		limit int
	)
	f := elementFlags{cpu: -1}
	cmd := &cobra.Command{
		Use:   "pop PIN [KEY]",
		Short: "Print a value and remove it, in one step",
		Long: `pop takes the next value of a queue or stack, or the element of a key of a hash
(Linux 5.14), and exits 1 if there is none. --all takes everything that is there, and
--limit no more than so much of it.`,
		Example: "  bpfload map pop /sys/fs/bpf/queue",
		RunE: func(cmd *cobra.Command, args []string) error {
			flags, err := f.flags()
			if err != nil {
				return err
			}
			return e.withMap(cmd, args, false, func(v *mapVerb, rest []string) error {
				if all || limit != 0 {
					if len(rest) > 0 || limit < 0 {
						return usagef("map pop: want --all or a --limit above 0, and no key")
					}
					return v.drain(cmd.Context(), limit)
				}
				key, err := v.key(rest)
				if err != nil {
					return err
				}
				value, err := v.m.Pop(key, flags)
				if err != nil {
					return err
				}
				return v.showElement(key, value)
			})
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "take everything")
	cmd.Flags().IntVar(&limit, "limit", 0, "take at most `N` elements")
	f.add(cmd.Flags(), "lock")
	return cmd
}

func (v *mapVerb) drain(ctx context.Context, limit int) error {
	l := v.list()
	n, err := v.m.Drain(ctx, limit, l.add)
	if err != nil {
		err = &partialError{error: err, did: "took", done: n}
	}
	return l.end(n, err)
}

func newMapNext(e *env) *cobra.Command {
	return &cobra.Command{
		Use:     "next PIN [KEY]",
		Short:   "Print the key after another, or the first",
		Long:    `next prints the key that the kernel has after another one, and exits 1 after the last.`,
		Example: "  bpfload map next /sys/fs/bpf/counters/counters",
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.withMap(cmd, args, true, func(v *mapVerb, rest []string) error {
				var key []byte
				if len(rest) > 0 {
					texts, err := v.operands(rest, "key")
					if err != nil {
						return err
					}
					if key, err = v.m.ParseKey(texts[0]); err != nil {
						return err
					}
				}
				next, err := v.m.Next(key)
				if err != nil {
					return err
				}
				text, err := v.m.FormatKey(nil, next)
				if err != nil {
					return err
				}
				return v.show(next, nil, text)
			})
		},
	}
}
