# SPDX-License-Identifier: MIT
# The parts of the corpus that come from kernel sources: to be sourced by corpus,
# whose variables and functions they use.
# shellcheck shell=bash disable=SC2154

# kernel_source SUITE VERSION: print the folder that holds what is needed of
# Debian's linux-source-VERSION.
kernel_source() {
	local dir=$compare_cache/src/linux-$2 root new
	if [[ ! -d $dir ]]; then
		root=$(debian_unpack "$1" "linux-source-$2") || return 1
		new=$compare_cache/src/new-$2
		rm -rf "$new"
		mkdir -p "$new"
		say "unpacking linux-source-$2"
		tar -xf "$root/usr/src/linux-source-$2.tar.xz" -C "$new" --wildcards \
			'*/tools/testing/selftests' '*/tools/lib' '*/tools/include' '*/tools/bpf' '*/tools/arch/x86' \
			'*/tools/perf' '*/tools/sched_ext' '*/include/uapi' '*/arch/x86/include' '*/samples/bpf' \
			'*/samples/hid' '*/drivers/hid/bpf' '*/kernel/bpf/preload' '*/scripts/bpf*.py' 2>/dev/null
		[[ -d $new/linux-source-$2/tools/lib/bpf ]] || return 1
		mv "$new/linux-source-$2" "$dir"
		rm -rf "$new" "$root"
	fi
	echo "$dir"
}

# newest_source SUITE: the version of the newest linux-source package there.
newest_source() {
	debian_suite "$1" && apt-cache "${apt[@]}" search --names-only '^linux-source-[0-9.]+$' |
		sed -nE 's/^linux-source-([0-9.]+) .*/\1/p' | sort -V | tail -n 1
}

# bpf_headers SOURCE VMLINUX_H DIR: libbpf's headers of that kernel, and vmlinux.h.
bpf_headers() {
	local script
	[[ ! -e $3/vmlinux.h ]] || return 0
	mkdir -p "$3/bpf"
	cp "$1"/tools/lib/bpf/*.h "$3/bpf/"
	for script in "$1"/scripts/bpf*_doc.py; do
		python3 "$script" --header --filename "$1/tools/include/uapi/linux/bpf.h" >"$3/bpf/bpf_helper_defs.h"
	done
	cp "$2" "$3/vmlinux.h"
}

# new_kernel: set what compiling BPF programs of the newest kernel takes: the
# sources in $src, the headers in $headers, the flags in "${flags[@]}".
new_kernel() {
	local version package
	[[ -z ${src:-} ]] || return 0
	need python3 python3
	version=$(newest_source sid) && [[ -n $version ]] && src=$(kernel_source sid "$version") &&
		package=$(debian_unpack sid linux-bpf-dev) || {
		src=''
		say 'cannot get the newest kernel source from Debian'
		return 1
	}
	headers=$compare_cache/headers-$version
	bpf_headers "$src" "$package"/usr/include/*/linux/bpf/vmlinux.h "$headers"
	mapfile -t idirafter < <(system_includes "$clang")
	flags=(-g -O2 -Wall -Wno-everything --target=bpfel -mlittle-endian -D__TARGET_ARCH_x86 -fms-extensions
		-I"$headers" -I"$src/tools/include/uapi" -I"$src/tools/include" "${idirafter[@]}")
}

# The kernel's BPF selftests: selftests/ with -mcpu=v3, selftests-v4/ what reads
# differently there, selftests/linked/ what the selftests' Makefile links.
build_selftests() {
	local dir file name
	begin selftests || return 0
	new_kernel || return 0
	dir=$src/tools/testing/selftests/bpf
	local own=(-std=gnu11 -fno-strict-aliasing -DENABLE_ATOMICS_TESTS -I"$dir" -I"$dir/libarena/include")
	for file in "$dir"/progs/*.c; do
		name=$(basename "$file" .c)
		local extra=()
		[[ $name != test_*_noinline ]] || extra=(-fno-inline)
		# Their own prototypes of kfuncs are not those of vmlinux.h.
		if grep -q cpumask_common.h "$file"; then extra+=(-DBPF_NO_KFUNC_PROTOTYPES); fi
		compile "$clang" "$file" "$out/selftests/$name.bpf.o" "${flags[@]}" "${own[@]}" "${extra[@]}" -mcpu=v3
		if grep -qE '__BPF_CPU_VERSION__|__BPF_FEATURE_|CAN_USE_(GOTOL|BPF_ST|LOAD_ACQ)|may_goto|jumptable' "$file"; then
			compile "$clang" "$file" "$out/selftests-v4/$name.bpf.o" "${flags[@]}" "${own[@]}" "${extra[@]}" -mcpu=v4
		fi
	done
	for file in "$dir"/libarena/{src,selftests}/*.bpf.c; do
		compile "$clang" "$file" "$out/selftests/libarena/$(basename "$file" .c).o" "${flags[@]}" "${own[@]}" -mcpu=v3
	done
	link_objects "$out/selftests/linked/libarena.bpf.o" "$out"/selftests/libarena/*.o
	while read -r name deps; do
		# shellcheck disable=SC2086
		(cd "$out/selftests" && link_objects "$out/selftests/linked/${name%.skel.h-deps}.bpf.o" $deps)
	done < <(sed -nE 's/^([a-z_]+\.skel\.h-deps) := (.* .*)/\1 \2/p' "$dir/Makefile")
	finish selftests
}

# sched_ext's schedulers and selftests.
build_sched_ext() {
	local dir file
	begin sched_ext || return 0
	new_kernel || return 0
	dir=$src/tools/sched_ext/include
	for file in "$src"/tools/sched_ext/*.bpf.c "$src"/tools/testing/selftests/sched_ext/*.bpf.c; do
		compile "$clang" "$file" "$out/sched_ext/$(basename "$file" .c).o" "${flags[@]}" -mcpu=v3 \
			-I"$(dirname "$file")/include" -I"$dir" -I"$dir/bpf-compat"
	done
	finish sched_ext
}

# Fixes for input devices, as struct_ops programs.
build_hid() {
	local file
	begin hid || return 0
	new_kernel || return 0
	for file in "$src"/drivers/hid/bpf/progs/*.bpf.c "$src"/samples/hid/*.bpf.c "$src"/tools/testing/selftests/hid/progs/*.c; do
		compile "$clang" "$file" "$out/hid/$(basename "${file%.bpf.c}" .c).bpf.o" "${flags[@]}"
	done
	finish hid
}

# Programs inside the kernel's tools: perf, bpftool, network selftests.
build_tools() {
	local file
	begin tools || return 0
	new_kernel || return 0
	for file in "$src"/tools/perf/util/bpf_skel/*.bpf.c "$src"/tools/bpf/bpftool/skeleton/*.bpf.c \
		"$src"/tools/testing/selftests/net/{,lib/}*.bpf.c "$src"/kernel/bpf/preload/iterators/*.bpf.c; do
		compile "$clang" "$file" "$out/tools/$(basename "$file" .c).o" "${flags[@]}" \
			-I"$src/tools/perf/util/bpf_skel" -I"$src/tools/bpf/bpftool"
	done
	finish tools
}

# The newest kernel's samples that do not need its internal headers.
build_samples() {
	local file
	begin samples || return 0
	new_kernel || return 0
	for file in "$src"/samples/bpf/*.bpf.c; do
		compile "$clang" "$file" "$out/samples/$(basename "$file" .c).o" "${flags[@]}" -I"$src/samples/bpf"
	done
	link_objects "$out/samples/linked/xdp_router_ipv4.bpf.o" "$out"/samples/xdp_{router_ipv4,sample}.bpf.o
	finish samples
}

# What Linux 5.10 had, by the compiler of Debian 12: selftests and samples with
# "maps" sections among them. The samples see the kernel's internal headers and
# go through its chain of clang, opt and llc.
build_old() {
	local old headers510 file name abi root common include flags510 idirafter btf=$out/btf/5.10.btf
	begin old || return 0
	need "$clang_old" clang-14
	need bpftool bpftool
	old=$(kernel_source bullseye 5.10) || return 0
	build_btf
	if [[ ! -e $btf ]]; then
		say "old: no BTF of Linux 5.10 (vmtest has not downloaded that kernel)"
		return 0
	fi
	bpftool btf dump file "$btf" format c >"$compare_cache/vmlinux-5.10.h"
	headers510=$compare_cache/headers-5.10
	bpf_headers "$old" "$compare_cache/vmlinux-5.10.h" "$headers510"
	mapfile -t idirafter < <(system_includes "$clang_old")
	flags510=(-g -O2 -Wno-everything --target=bpfel -mlittle-endian -D__TARGET_ARCH_x86 -I"$headers510"
		-I"$old/tools/testing/selftests/bpf" -I"$old/tools/include/uapi" "${idirafter[@]}")
	for file in "$old"/tools/testing/selftests/bpf/progs/*.c; do
		compile "$clang_old" "$file" "$out/old/selftests/$(basename "$file" .c).o" "${flags510[@]}" -mcpu=v3
	done
	for file in "$old"/tools/perf/examples/bpf/*.c; do
		compile "$clang_old" "$file" "$out/old/perf/$(basename "$file" .c).o" -I"$old/tools/perf/include" \
			-I"$old/tools/perf/include/bpf" -I"$old/tools/include" "${flags510[@]}" \
			-D__x86_64__ -D__NR_CPUS__=64 -DLINUX_VERSION_CODE=0x050a00
	done

	debian_suite bullseye && abi=$(apt-cache "${apt[@]}" search --names-only '^linux-headers-5\.10\.0-[0-9]+-common$' |
		sed -nE 's/^linux-headers-(5\.10\.0-[0-9]+)-common .*/\1/p' | sort -V | tail -n 1) &&
		common=$(debian_unpack bullseye "linux-headers-$abi-common")/usr/src/linux-headers-$abi-common &&
		root=$(debian_unpack bullseye "linux-headers-$abi-amd64")/usr/src/linux-headers-$abi-amd64 || return 0
	include=(-nostdinc -isystem "$("$clang_old" -print-resource-dir)/include"
		-I"$common/arch/x86/include" -I"$root/arch/x86/include/generated" -I"$common/include" -I"$root/include"
		-I"$common/arch/x86/include/uapi" -I"$root/arch/x86/include/generated/uapi" -I"$common/include/uapi"
		-I"$root/include/generated/uapi" -include "$common/include/linux/kconfig.h"
		-I"$old/tools/testing/selftests/bpf" -I"$headers510"
		-I"$old/samples/bpf" -include asm_goto_workaround.h)
	mkdir -p "$out/old/samples" "$out/old/samples-debug"
	for file in "$old"/samples/bpf/*_kern.c "$old"/samples/bpf/{parse_*,test_lwt_bpf}.c; do
		name=$(basename "$file" .c)
		through_llc "$file" "$out/old/samples/$name.o"
		through_llc "$file" "$out/old/samples-debug/$name.o" -g
	done
	finish old
}

# through_llc SOURCE OBJECT FLAG...: the way the samples' Makefile does it.
through_llc() {
	local source=$1 object=$2 log version=${clang_old##*-}
	shift 2
	[[ ! -e $object ]] || return 0
	if log=$( (set -o pipefail
		nice -n 10 "$clang_old" "${include[@]}" -D__KERNEL__ -D__BPF_TRACING__ -D__TARGET_ARCH_x86 -Wno-everything "$@" \
			-O2 -emit-llvm -Xclang -disable-llvm-passes -c "$source" -o - |
			"opt-$version" -O2 -mtriple=bpf-pc-linux | "llvm-dis-$version" |
			"llc-$version" -march=bpf -filetype=obj -o "$object.tmp") 2>&1); then
		mv "$object.tmp" "$object"
	else
		rm -f "$object.tmp"
		echo "${object#"$out"/old/}: $(grep -m1 -E 'error|fatal' <<<"$log" | sed 's|.*/src/||')" >>"$out/old/missing.txt"
	fi
}
