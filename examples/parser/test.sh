# SPDX-License-Identifier: MIT
pins=/sys/fs/bpf/parser
load
for _ in 1 2 3; do datagram 4242; done
test "$(total 5)" = 3 || fail "$(total 5) packets of UDP, want 3"
test "$(total 4)" = 0 || fail "TCP that nobody sent"
listen_here 8080
peer_connect 8080
test "$(total 4)" -ge 3 || fail "$(total 4) packets of TCP, want 3 or more"

# The same behind two VLAN tags, and one tag that is not followed by anything known.
before=$(total 5) vlan=$(total 1)
ip netns exec peer python3 -c 'import socket, struct
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("eth0", 0))
ends = b"\xff" * 6 + s.getsockname()[4]
tags = struct.pack("!HHHH", 0x88a8, 7, 0x8100, 8)
ip = struct.pack("!BBHHHBBH4s4s", 0x46, 0, 33, 0, 0, 64, 17, 0, bytes([10, 9, 0, 2]), bytes([10, 9, 0, 1])) + bytes(4)
udp = struct.pack("!HHHH", 1, 4242, 9, 0) + b"x"
s.send(ends + tags + struct.pack("!H", 0x0800) + ip + udp)
s.send(ends + struct.pack("!HHH", 0x8100, 7, 0x88b5) + bytes(46))'
test "$(total 5)" = $((before + 1)) || fail "tagged UDP was not parsed"
test "$(total 1)" = $((vlan + 1)) || fail "the tagged unknown was not counted"

# Without its step UDP ends as IPv4; with it, it is UDP again.
bpfload map delete $pins/headers 5
before=$(total 5) ip4=$(total 2)
datagram 4242
test "$(total 5)" = "$before" || fail "the step for UDP still runs"
test "$(total 2)" = $((ip4 + 1)) || fail "a packet without its step is not counted"
bpfload map set $pins/headers 5 pinned:$pins/udp
datagram 4242
test "$(total 5)" = $((before + 1)) || fail "the step for UDP did not come back"
remove
