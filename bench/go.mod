module github.com/bpfload/bpfload/bench

go 1.26.0

require (
	github.com/bpfload/bpfload v0.0.0
	github.com/cilium/ebpf v0.22.0
	golang.org/x/sys v0.49.0
)

replace github.com/bpfload/bpfload => ../
