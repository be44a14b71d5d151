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
# Its exposure, 0.0 to 10.0, as systemd rates it; the threshold is in tenths.
unit() { cp "$root/usr/lib/systemd/system/scrim@.service" "$root/scrim@porch.service"; }
rated() { sed -n 's/.*level for scrim@porch.service: \([0-9.]*\) .*/\1/p' "$root/rated"; }
below_two() { systemd-analyze security --offline=true --threshold=20 "$root/scrim@porch.service" >"$root/rated" 2>&1; }
# motion.service as it is, with our example for services that read a camera.
consumer() {
	mkdir -p "$root/motion.service.d" && cp "$root/usr/local/share/doc/scrim/examples/consumer.conf" "$root/motion.service.d/" &&
		printf '[Service]\nExecStart=/bin/true\n' >"$root/motion.service" &&
		systemd-analyze verify --man=no --recursive-errors=no "$root/motion.service" >"$root/said" 2>&1 &&
		! grep -i 'unknown\|fail\|ignoring' "$root/said"
}
is "make install-service succeeds" service_installed
if command -v systemd-analyze >/dev/null; then
	unit
	below_two
	is "systemd rates the exposure of the service below 2.0: $(rated)" below_two
	is "the example for services that read a camera is a drop-in" consumer
	rm -rf "$root/scrim@porch.service" "$root/rated" "$root/said" "$root"/motion.service*
else
	skip "systemd rates the exposure of the service below 2.0" "there is no systemd-analyze"
	skip "the example for services that read a camera is a drop-in" "there is no systemd-analyze"
fi
is "WirePlumber 0.4 finds its rule" test -s "$root/usr/share/wireplumber/main.lua.d/51-scrim-raw.lua"
is "and 0.5 its own" test -s "$root/usr/share/wireplumber/wireplumber.conf.d/51-scrim-raw.conf"
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
