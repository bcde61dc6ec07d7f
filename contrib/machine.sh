# SPDX-License-Identifier: MIT
#
# What the scripts that boot a virtual machine share: "." it in the top of the tree.

# kernel_image NAME: the path of one of vmtest's kernels, fetched if need be.
kernel_image() {
	vmtest/vmtest -d "$1" >&2 || return
	echo "${BPFLOAD_VMTEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/bpfload-vmtest}/$1/vmlinuz"
}

# run_machine KERNEL ROOT MIB WORDS: boots a tree as the initramfs of a kernel, and
# copies its console to standard output until the machine is switched off.
run_machine() {
	(cd "$2" && find . | cpio -o -H newc -R +0:+0 --quiet) >"$2.initrd"
	accel=${BPFLOAD_VMTEST_ACCEL:-auto}
	if [ "$accel" = auto ]; then
		accel=tcg
		if [ -w /dev/kvm ] && grep -Eq '^flags.* (vmx|svm)( |$)' /proc/cpuinfo; then accel=kvm; fi
	fi
	timeout 600 qemu-system-x86_64 -machine pc -accel "$accel" -cpu max -m "$3" -nodefaults -no-user-config \
		-display none -no-reboot -serial stdio -kernel "$1" -initrd "$2.initrd" \
		-append "console=ttyS0 quiet panic=-1 $4" </dev/null | tr -d '\r'
}

# build_command PATH: the command as a release has it.
build_command() { CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o "$1" ./cmd/bpfload; }
