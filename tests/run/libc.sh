#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The calls that commands which report may make are enough for each C library that they may
# be linked to, and with none of them do more come back: glibc of this machine, that of Debian 13,
# and musl.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
tmp=$(mktemp -d) || exit
trap 'rm -rf "$tmp"' EXIT
trixie=${SCRIM_VM_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/scrim-vm}/compiler

filter() {
	# shellcheck disable=SC2046 # flags are words
	gcc -std=c17 -D_GNU_SOURCE -Wall -Werror -Ilib -o "$tmp/filter" tests/run/libc_filter.c build/lib/libscrim.a \
		-Wl,--as-needed $(pkg-config --libs libseccomp) && "$tmp/filter" >"$tmp/bpf" 2>"$tmp/calls" && [ -s "$tmp/bpf" ]
}
flags="-O2 -Wall -Werror"
# holds NAME: the program of that name works behind the filter, and 400 calls or more kill.
holds() {
	# shellcheck disable=SC2046 # numbers are words
	"$tmp/$1" "$tmp/bpf" $(cut -d' ' -f1 "$tmp/calls") >"$tmp/out" 2>&1 </dev/null && grep -q '^4[0-9][0-9] calls killed$' "$tmp/out" ||
		{ cat "$tmp/out"; return 1; }
}
# compiled NAME COMPILER FLAG...: and it holds.
compiled() { "$2" $flags "${@:3}" -o "$tmp/$1" tests/run/libc.c && holds "$1"; }
# By the compiler of Debian 13, in the folder that is its root; static, to be run in ours.
compiled_in_trixie() {
	local place; place=$(mktemp -d "$trixie/tmp/XXXXXX") || return

	# shellcheck disable=SC2086 # words
	cp tests/run/libc.c "$place" && chroot "$trixie" /usr/bin/gcc-14 $flags -static -o "/tmp/${place##*/}/trixie" "/tmp/${place##*/}/libc.c" &&
		cp "$place/trixie" "$tmp"
	rm -rf "$place"
	[ -x "$tmp/trixie" ] && holds trixie
}

is "the filter is written" filter
is "it holds with the C library that is here" compiled here gcc
is "and with that linked statically" compiled static gcc -static
if command -v musl-gcc >/dev/null; then
	# musl has no headers of the kernel.
	mkdir "$tmp/include" && ln -s /usr/include/linux /usr/include/asm-generic "$tmp/include"
	ln -s "/usr/include/$(gcc -print-multiarch)/asm" "$tmp/include"
	is "and with musl" compiled musl musl-gcc -static -idirafter "$tmp/include"
else
	skip "and with musl" "there is no musl-gcc"
fi
if [ -x "$trixie/usr/bin/gcc-14" ] && [ "$(id -u)" = 0 ]; then
	is "and with that of Debian 13" compiled_in_trixie
else
	skip "and with that of Debian 13" "its compiler is not here (make setup-vm), or this is not root"
fi

# Without a line of the table one of them dies.  Those for abort() are for one process only, so
# the suite guard has them; the clock is read without a call where the kernel lends a page.
missed() {
	local line=0 name library all=true

	while read -r _ name; do
		"$tmp/filter" $line >"$tmp/less" 2>/dev/null
		line=$((line + 1))
		case $name in
		rt_sig* | getpid | gettid | tgkill | clock_gettime)	continue ;;
		esac
		for library in here static musl trixie; do
			[ -x "$tmp/$library" ] || continue
			"$tmp/$library" "$tmp/less" >/dev/null 2>&1 <"$tmp/less" || continue 2
		done
		echo "nothing needs $name"
		all=false
	done <"$tmp/calls"
	$all
}
if [ -x "$tmp/musl" ] && [ -x "$tmp/trixie" ]; then
	is "every line of the table is needed by one of them" missed
else
	skip "every line of the table is needed by one of them" "not all C libraries are here"
fi
exit $failed
