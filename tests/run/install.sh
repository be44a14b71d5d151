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
service_installed() { make -s install-service DESTDIR="$root"; }
# Its exposure in tenths, as systemd rates it: 0 to 100.
exposure() {
	cp "$root/usr/lib/systemd/system/scrim@.service" "$root/scrim@porch.service" &&
		systemd-analyze security --offline=true "$root/scrim@porch.service" 2>/dev/null |
		sed -n 's/.*level for scrim@porch.service: \([0-9]*\)\.\([0-9]\) .*/\1\2/p'
	rm "$root/scrim@porch.service"
}
is "make install-service succeeds" service_installed
if command -v systemd-analyze >/dev/null; then
	is "systemd rates the exposure of the service below 2.0" test "$(exposure)" -lt 20
else
	skip "systemd rates the exposure of the service below 2.0" "there is no systemd-analyze"
fi
if command -v systemd-sysusers >/dev/null; then
	is "the user of the service can be made" sh -c "mkdir -p '$root/etc' && systemd-sysusers --root='$root' &&
		grep -q '^scrim:' '$root/etc/passwd'"
	rm -rf "$root/etc" "$root/run"
else
	skip "the user of the service can be made" "there is no systemd-sysusers"
fi
make -s uninstall-service DESTDIR="$root"
make -s uninstall DESTDIR="$root"
is "make uninstall leaves no file" test -z "$(find "$root" ! -path "$root/example*" ! -type d)"
exit $failed
