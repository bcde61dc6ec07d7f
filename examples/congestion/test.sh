# SPDX-License-Identifier: MIT
listen_peer 9090
load
sysctl -n net.ipv4.tcp_available_congestion_control | grep -qw bpf_scalable || fail "not registered"
shows '"connections":0,"acks":0,"losses":0'
ip route change 10.9.0.0/24 dev eth0 congctl bpf_scalable
connect 10.9.0.2 9090 4000000
shows '"connections":1,"acks":[1-9][0-9]*,"losses":0'

# A short queue loses packets, and the window has to shrink; data arrives all the same.
if tc qdisc add dev eth0 root tbf rate 20mbit burst 10k limit 15k ; then
	connect 10.9.0.2 9090 2000000
	shows '"connections":2,.*"losses":[1-9]'
	tc qdisc del dev eth0 root
else
	echo "this kernel cannot shape traffic, so no losses"
fi
ip route change 10.9.0.0/24 dev eth0
remove
! sysctl -n net.ipv4.tcp_available_congestion_control | grep -qw bpf_scalable || fail "still registered"
