# SPDX-License-Identifier: MIT
maps=/sys/fs/bpf/firewall
listen_here 8080
peer_connect 8080

load
ip link show eth0 | grep -q xdp || fail "eth0 has no program"
! peer_connect 8080 2>/dev/null || fail "a stranger came in"
test "$(total 2)" -ge 1 || fail "no stranger was counted"

bpfload map set $maps/networks 10.9.0.0/16 true
! peer_connect 8080 2>/dev/null || fail "a closed port answered"
test "$(total 3)" -ge 1 || fail "no closed port was counted"

bpfload map set $maps/ports 8080 true
peer_connect 8080
test "$(total 1)" -ge 3 || fail "a connection takes more than $(total 1) packets"

bpfload map delete $maps/networks 10.9.0.0/16
! peer_connect 8080 2>/dev/null || fail "the network was not forgotten"

remove
peer_connect 8080
# The two capabilities that "bpfload inspect" names are enough.
if command -v setpriv >/dev/null; then
	setpriv --bounding-set -all,+bpf,+net_admin --inh-caps -all,+bpf,+net_admin $LOAD
	! peer_connect 8080 2>/dev/null || fail "a stranger came in"
	remove
fi

$LOAD --set enforce=0
peer_connect 8080
test "$(total 2)" -ge 3 || fail "nothing was counted without enforcing"
remove
