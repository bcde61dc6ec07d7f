# SPDX-License-Identifier: MIT
#
# Runs examples/NAME/test.sh in fresh namespaces: a bpffs of its own, and a device
# eth0 (10.9.0.1) whose other end (10.9.0.2) is in the namespace "peer". LOAD, SHOW
# and REMOVE are the commands of README.md.
name=$1
mount -t bpf bpf /sys/fs/bpf
mount -t tmpfs tmpfs /run
ip netns add peer
ip link add eth0 type veth peer name eth0 netns peer
ip link set lo up
ip addr add 10.9.0.1/24 dev eth0
ip link set eth0 up
ip -n peer addr add 10.9.0.2/24 dev eth0
ip -n peer link set eth0 up

load() { echo "+ $LOAD"; $LOAD; }
show() { $SHOW; }
remove() { echo "+ $REMOVE"; $REMOVE; }

fail() { echo "FAIL: $*" >&2; show >&2; exit 1; }

# shows PATTERN: what the second command prints has a matching line.
shows() { show | grep -Eq -- "$1" || fail "nothing matches: $1"; }
shows_not() { ! show | grep -Eq -- "$1" || fail "something matches: $1"; }

# total INDEX: the sum over all CPUs of one counter of the second command's answer.
total() { show | sed -n "s/^$1: \[\(.*\)\]$/\1/p" | tr , '\n' | awk '{ n += $1 } END { print n + 0 }'; }

# datagram PORT: the peer sends one packet of UDP.
datagram() { ip netns exec peer python3 -c 'import socket, sys
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("10.9.0.1", int(sys.argv[1])))' "$1"; }

# listen_in peer|here PORT: something to connect to, until the namespaces end.
listener='import socket, sys
s = socket.create_server(("", int(sys.argv[1])))
print("ready", flush=True)
while True:
    c, _ = s.accept()
    while c.recv(65536): pass
    c.close()'
listen_here() { python3 -c "$listener" "$1" >/run/listening & ready; }
listen_peer() { ip netns exec peer python3 -c "$listener" "$1" >/run/listening & ready; }
ready() {
	listening=$!
	trap 'kill $listening' EXIT
	for _ in $(seq 100); do grep -q ready /run/listening && return; sleep 0.1; done
	fail "nothing listens"
}

# connect ADDRESS PORT [BYTES]: connects and sends; fails when nobody answers in time.
connect() { python3 -c 'import socket, sys
c = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=2)
c.sendall(b"x" * int(sys.argv[3]))
c.shutdown(socket.SHUT_WR)
while c.recv(65536): pass' "$1" "$2" "${3:-1}"; }
peer_connect() { ip netns exec peer python3 -c 'import socket, sys
socket.create_connection(("10.9.0.1", int(sys.argv[1])), timeout=2).sendall(b"x")' "$1"; }

. "examples/$name/test.sh"

test ! -e "/sys/fs/bpf/$name" || fail "/sys/fs/bpf/$name is still there"
! ip link show eth0 | grep -q xdp || fail "eth0 has a program still"
