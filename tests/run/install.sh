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

	for name in $(nm -D --defined-only "$root/usr/local/lib/libscrim.so.0" | awk '$2 == "T" { sub(/@.*/, "", $3); print $3 }'); do
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

# The example of libscrim(3), as it stands there.
example() {
	awk '/^\.EE/ { on = 0 } on; /^\.EX/ { on = 1 }' lib/libscrim.3 |
		sed 's/\\e/\\/g; s/\\-/-/g; s/\\&//g' >"$root/example.c"
	# shellcheck disable=SC2046 # flags are words
	gcc -std=c17 -Wall -Wextra -Werror -o "$root/example" "$root/example.c" $(pkg --cflags --libs)
}

is "make install succeeds" installed
is "the tool runs from where it is installed" "$root/usr/local/bin/scrim" --version
is "pkg-config finds the library" pkg --exists
is "the library exports nothing that scrim.h does not declare" only_declared
is "the library exports what scrim.h declares" all_there
if [ -e lib/libscrim.3 ]; then
	is "the example of libscrim(3) compiles against it" example
else
	echo "skip - the example of libscrim(3) compiles # there is no lib/libscrim.3"
fi
for page in tools/*.[1-8] lib/*.3; do
	[ ! -e "$page" ] || is "$page has no mistakes" mandoc -T lint -W warning "$page"
done
make -s uninstall DESTDIR="$root"
is "make uninstall leaves no file" test -z "$(find "$root" ! -path "$root/example*" ! -type d)"
exit $failed
