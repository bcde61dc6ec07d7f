# SPDX-License-Identifier: MIT
case $(uname -m) in
x86_64) read=0 ;;
aarch64 | riscv64) read=63 ;;
*) read=3 ;;
esac

# calls NAME NUMBER: how often a process of that name made that call.
calls() { show | sed -n "s/^{\"comm\":\"$1\",\"number\":$2}: \[\(.*\)\]$/\1/p" | tr , '\n' | awk '{ n += $1 } END { print n + 0 }'; }

load
dd if=/dev/zero of=/dev/null bs=1 count=1234 2>/dev/null
n=$(calls dd $read)
test "$n" -ge 1234 && test "$n" -lt 1300 || fail "$n reads of dd, want 1234 and a few more"
remove

$LOAD --set only=$$
read -r _ </proc/version
dd if=/dev/zero of=/dev/null bs=1 count=10 2>/dev/null
test "$(calls dd $read)" = 0 || fail "counted another process"
test "$(show | wc -l)" -ge 1 || fail "counted nothing of the process that was asked for"
remove
