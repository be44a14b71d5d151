#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# libcamera stays where it belongs: one shared object links it and lets one name out, only a
# keeper loads that, and what is missing is said in a line.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
scrim=${SCRIM:-build/bin/scrim}
bin=$(dirname "$scrim")
lib=$bin/../lib
shim=$(compgen -G "$lib/scrim/libcamera-*.so")
keeper=$(compgen -G "$lib/scrim/keeper-*")

needs() { readelf -d "$1" | grep -q "NEEDED.*$2"; }
without_cpp() {
	local file

	for file; do
		if readelf -d "$file" | grep -E 'NEEDED.*lib(camera|stdc\+\+)' || nm -D "$file" | grep ' _Z'; then
			echo "in $file"
			return 1
		fi
	done
}
lets_out() { test "$(nm -D --defined-only "$1" | awk '{ print $3 }' | tr '\n' ' ')" = "$2 "; }
# A kernel without Landlock has no keepers; everything else can be said without a camera.
policy() { printf '[camera porch]\npurpose = a test\ndetector = none\nfaces = show\ndevice = %s\n' "$1" >"$work/porch.conf"; }
daemon() { timeout 20 "$bin/scrimd" --camera porch --policy "$work/porch.conf" --feed null --run "$work/run" >"$work/said" 2>&1 & }
said() {
	local _

	for _ in $(seq 100); do
		! grep -q "$1" "$work/said" || return 0
		sleep 0.1
	done
	cat "$work/said"
	return 1
}

is "libscrim, its tools and a keeper need no libcamera and no C++" \
	without_cpp "$lib/libscrim.so.0" "$scrim" "$bin/scrimd" "$keeper"
is "the shim needs it" needs "$shim" libcamera
is "the shim lets one name out" lets_out "$shim" scrim_libcamera
if [ -e "$lib/scrim/video-0.1.0.so" ]; then
	is "what reads videos needs none of it" without_cpp "$lib"/scrim/video-*.so
fi

mkdir "$work/run"
policy 'libcamera:\_SB_.PCI0.XHC_-9:1.0-ffff:ffff'
is "a policy may name one" "$scrim" policy check "$work/porch.conf"
daemon
pid=$!
is "one that is not there is black, and scrimd says so" said 'porch: libcamera:.*: the camera is not there; black'
sleep 2
is "and does not repeat it" test "$(grep -c 'not there' "$work/said")" -le 2
kill $pid
wait $pid
is "nothing is left behind" sh -c "! pgrep -f '^$keeper' >/dev/null"

is "the doctor says that libcamera has no such camera, and what to type" sh -c \
	"'$scrim' doctor --policy '$work/porch.conf' | grep -A 1 'device: porch: libcamera has no camera' | grep -q 'type: scrim cameras'"

# As where the package with it is not installed.
mkdir -p "$work/bin" "$work/lib/scrim"
cp "$scrim" "$bin/scrimd" "$work/bin/"
cp "$lib"/scrim/video-*.so "$work/lib/scrim/"
if [ ! -e "/usr/local/lib/scrim/$(basename "$keeper")" ]; then
	bin=$work/bin
	daemon
	pid=$!
	is "without a keeper scrimd says what is missing" said 'cannot use libcamera: there is no scrim/keeper'
	kill $pid
	wait $pid
	is "and the doctor what to type" sh -c "'$bin/scrim' doctor --policy '$work/porch.conf' |
		grep -A 1 'device: porch: cannot use libcamera' | grep -q 'type: apt install scrim-libcamera'"
	cp "$keeper" "$work/lib/scrim/"
	policy 'libcamera:0'
	bin=$work/bin
	is "without the shim as well" sh -c "'$bin/scrim' doctor --policy '$work/porch.conf' |
		grep -A 1 'device: porch: .*libcamera.*cannot open' | grep -q 'type: apt install'"
fi
exit $failed
