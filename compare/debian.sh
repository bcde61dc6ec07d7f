# SPDX-License-Identifier: MIT
# Debian packages of any suite, unpacked into a cache and never installed: to be
# sourced. The mirror is the one that this machine uses already.
# shellcheck shell=bash

compare_cache=${BPFLOAD_COMPARE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/bpfload-compare}

say() { echo "${0##*/}: $*" >&2; }
die() {
	say "$*"
	exit 1
}
need() { # COMMAND PACKAGE
	command -v "$1" >/dev/null || die "$1 not found; install it first (Debian package: $2)"
}

# debian_suite SUITE: point "${apt[@]}" at that suite (and its security fixes,
# where it has them) through a configuration of its own.
debian_suite() {
	local dir=$compare_cache/apt-$1 main='' security='' uri label
	while read -r uri label; do
		case $label in
		Debian) main=${main:-$uri} ;;
		Debian-Security) security=${security:-$uri} ;;
		esac
	done < <(apt-get indextargets --format "\$(REPO_URI) \$(LABEL)" 'Created-By: Packages')
	[[ -n $main ]] || return 1

	mkdir -p "$dir"/{lists,cache,parts}
	: >"$dir/status"
	{
		echo "deb [arch=amd64] $main $1 main"
		[[ $1 == sid || -z $security ]] || echo "deb [arch=amd64] $security $1-security main"
	} >"$dir/sources.list"
	apt=(-o "Dir::Etc::SourceList=$dir/sources.list" -o "Dir::Etc::SourceParts=$dir/parts"
		-o Dir::Etc::Preferences=/dev/null -o "Dir::Etc::PreferencesParts=$dir/parts"
		-o "Dir::State::Lists=$dir/lists" -o "Dir::State::Status=$dir/status" -o "Dir::Cache=$dir/cache"
		-o APT::Architecture=amd64 -o APT::Architectures=amd64 -o APT::Sandbox::User=root
		-o Acquire::Languages=none -o Acquire::Check-Valid-Until=false)
	if [[ ! -e $dir/read || -n $(find "$dir/read" -mtime +7) ]]; then
		say "reading the package lists of $1"
		apt-get "${apt[@]}" -qq update >&2 || return 1
		touch "$dir/read"
	fi
}

# debian_download PACKAGE: the newest of it into the current directory. Mirrors
# list security updates of old suites that they no longer hold: then the next.
debian_download() {
	local version
	while read -r version; do
		if apt-get "${apt[@]}" -qq download "$1=$version" >&2; then
			return 0
		fi
	done < <(apt-cache "${apt[@]}" madison "$1" | cut -d'|' -f2 | tr -d ' ')
	return 1
}

# debian_unpack SUITE PACKAGE: print the directory that holds what the newest
# PACKAGE of SUITE would install; fail if there is no such package.
debian_unpack() {
	local dir=$compare_cache/$1/$2 tmp
	if [[ ! -d $dir ]]; then
		need apt-get apt
		need dpkg-deb dpkg
		debian_suite "$1" || return 1
		tmp=$compare_cache/$1/new-$2
		rm -rf "$tmp"
		mkdir -p "$tmp/root"
		say "downloading $2 of $1"
		(cd "$tmp" && debian_download "$2") || {
			rm -rf "$tmp"
			return 1
		}
		dpkg-deb -x "$tmp"/*.deb "$tmp/root"
		mv "$tmp/root" "$dir"
		rm -rf "$tmp"
	fi
	echo "$dir"
}
