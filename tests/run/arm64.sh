#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What knows numbers of system calls compiles for 64-bit ARM as well, by the same flags.  It is
# not run.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
cc=aarch64-linux-gnu-gcc

if ! command -v $cc >/dev/null; then
	skip "it compiles for 64-bit ARM" "there is no $cc"
	exit 0
fi
# Headers of libraries are the same everywhere, unlike those of the C library beside them.
for header in fuse3 seccomp.h jansson.h jansson_config.h libyuv libyuv.h; do
	ln -s "/usr/include/$header" "$work/"
done
# But for what is the machine's, or lost its quotation marks on the way.
read -ra flags < <(make -s flags | sed 's|-I/usr/include/[^ ]*||g; s|-DSCRIM_[^ ]*||g')
names=('-DSCRIM_VERSION=""' '-DSCRIM_DATADIR=""' '-DSCRIM_LIBDIR=""')
compiles() { nice $cc "${flags[@]}" "${names[@]}" -Itools -isystem "$work" -isystem "$work/fuse3" -c -o "$work/o" "$1"; }
for source in lib/wrap/*.c lib/wrap/shim/*.c lib/guard/*.c lib/session/*.c tools/run*.c; do
	is "$source compiles for 64-bit ARM" compiles "$source"
done
is "so does a program without a C library" $cc -O2 -Wall -Wextra -Werror -nostdlib -static -o "$work/raw" tests/wrap/raw.c
exit $failed
