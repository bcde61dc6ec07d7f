# SPDX-License-Identifier: MIT
load
datagram 4242
shows '"from":"10.9.0.2","to":"10.9.0.1".*"to_port":4242,"protocol":17.*"FLOW_NEW".*"packets":\[1,0\]'

listen_peer 9090
connect 10.9.0.2 9090 100000
shows '"from":"10.9.0.1","to":"10.9.0.2".*"to_port":9090,"protocol":6.*"FLOW_CLOSING".*"packets":\[[0-9]+,[1-9]'
show | sed -n 's/.*"to_port":9090.*"bytes":\[\([0-9]*\),.*/\1/p' | awk '$1 < 100000 { exit 1 }' || fail "bytes are missing"

# Nobody listens there, so the kernel answers with a reset.
! connect 10.9.0.2 9091 2>/dev/null || fail "somebody listens on 9091"
shows '"to_port":9091.*"FLOW_RESET"'
remove
