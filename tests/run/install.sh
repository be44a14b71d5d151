#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# make install puts a library there that programs can be built against, exports
# nothing that scrim.h does not declare, and make uninstall takes all of it away.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
root=$(mktemp -d) || exit
trap 'rm -rf "$root"' EXIT
unset MAKEFLAGS MAKELEVEL

installed() { make -s install DESTDIR="$root"; }

only_declared() {
	local name

	for name in $(nm -D --defined-only "$root/usr/local/lib/libscrim.so.0" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }'); do
		grep -q "\<$name(" lib/scrim.h || { echo "$name is not in scrim.h"; return 1; }
	done
}

all_there() {
	local name

	for name in $(grep -o '\<scrim_[a-z_]*(' lib/scrim.h | tr -d '(' | sort -u); do
		nm -D --defined-only "$root/usr/local/lib/libscrim.so.0" | grep -q " T $name\(@\|$\)" ||
			{ echo "$name is not in the library"; return 1; }
	done
}

pkg() { PKG_CONFIG_PATH=$root/usr/local/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root pkg-config "$@" scrim; }

compiles() {
	example lib/libscrim.3 redact.c >"$root/example.c"
	# shellcheck disable=SC2046 # flags are words
	gcc -std=c17 -Wall -Wextra -Werror -o "$root/example" "$root/example.c" $(pkg --cflags --libs)
}

is "make install succeeds" installed
is "the tool runs from where it is installed" "$root/usr/local/bin/scrim" --version
is "pkg-config finds the library" pkg --exists
is "the library exports nothing that scrim.h does not declare" only_declared
is "the library exports what scrim.h declares" all_there
is "the example of libscrim(3) compiles against it" compiles
make -s uninstall DESTDIR="$root"
is "make uninstall leaves no file" test -z "$(find "$root" ! -path "$root/example*" ! -type d)"
exit $failed
