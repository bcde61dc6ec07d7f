// SPDX-License-Identifier: MIT

package attach

import (
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
)

func parseSockmap(t *Target) (attacher, error) {
	pin := t.Place
	at, named := hookOf(t)
	return func(p *Program) ([]Link, error) {
		if !named {
			var err error
			if at, err = sockmapHook(p, pin); err != nil {
				return nil, err
			}
		}
		m, done, err := p.openMap(pin)
		if err != nil {
			return nil, err
		}
		defer done()
		return one(link.AttachRawLink(link.RawLinkOptions{Target: m.FD(), Program: p.Program, Attach: at}))
	}, nil
}

func sockmapHook(p *Program, pin string) (ebpf.AttachType, error) {
	if p.Type() == ebpf.SkMsg {
		return ebpf.AttachSkMsgVerdict, nil
	}
	if at, _ := p.attachType(); at != 0 {
		return at, nil
	}
	names := []string{"sk_skb/stream_parser", "sk_skb/stream_verdict", "sk_skb/verdict"}
	for i := range names {
		names[i] += ":" + pin
	}
	return 0, usage("the program does not say which hook it is for: write one of %s", strings.Join(names, ", "))
}
