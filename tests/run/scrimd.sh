#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# scrimd as far as it goes without a driver: what it refuses, what it says, and that
# its manual page says what the code does.  The rest is in tests/vm/guest/live-*.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
scrimd=${SCRIMD:-build/bin/scrimd}
man8=tools/scrimd.8
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT

# Two commands that print the same lines, and at least one.
same() {
	"$1" >"$work/$1" && "$2" >"$work/$2" && [ -s "$work/$1" ] && diff "$work/$1" "$work/$2"
}
# ends STATUS WORDS ARGUMENT...: with this status, and says that.
ends() {
	local status=$1 words=$2 got; shift 2

	timeout 20 "$scrimd" "$@" >"$work/said" 2>&1
	got=$?
	[ $got = "$status" ] && grep -q -e "$words" "$work/said" && return
	echo "status $got: $(cat "$work/said")"
	return 1
}

options_of_help() { "$scrimd" --help | grep -oE -e '--[a-z]+  *[A-Za-z]' | grep -oE -e '--[a-z]+' | sort -u; }
options_of_page() { grep '^\.It Fl' $man8 | grep -oE '[ ,] ?-[a-z]+|Fl -[a-z]+' | grep -oE -e '-[a-z]+$' | sed 's/^/-/' | sort -u; }
permissions_of_code() {
	sed -n '/ cage_live_permissions\[\] = {/,/^};/s/^\tMAY(\([a-z_0-9]*\),[[:blank:]]*"\(.*\)"),$/\1 \2/p' lib/guard/cage.c
	sed -n 's/^\t\t{ \([a-z]*\), \(VIDIOC_[A-Z_]*\), "\(.*\)" },$/\2 \1 \3/p' lib/live_worker.c
}
permissions_of_page() { sed -n 's/^\.It Li \([a-zA-Z_0-9]*\) Ta /\1 /p' $man8 | sed 's/ Ta / /'; }

is "the page has the options of --help" same options_of_help options_of_page
is "the page has the permissions of the worker" same permissions_of_code permissions_of_page
is "--help is printed" ends 0 '^usage: scrimd' --help
is "no camera is an error" ends 2 'camera NAME is required'
for name in ../etc . .. a/b ''; do
	is "'$name' is no name for a camera" ends 2 "the camera's name" --camera "$name"
done
is "without a policy it does not start" ends 1 "$work/none" --camera porch --policy "$work/none"
printf '[camera porch]\npurpose = a test\nfacse = fill\n' >"$work/porch.conf"
is "a policy with an error is refused, with its line" ends 1 "porch.conf:3: unknown key 'facse'" \
	--camera porch --policy "$work/porch.conf"
is "a folder has a file for each camera" ends 1 "porch.conf:3:" --camera porch --policy "$work"
is "a camera that no file has is refused" ends 1 "there is no" --camera door --policy tests/fuzz/corpus/policy/live.ini
printf '[camera porch]\npurpose = a test\n' >"$work/porch.conf"
is "a policy without a device is refused" ends 1 'has no device' --camera porch --policy "$work"
printf '[camera porch]\npurpose = a test\ndevice = /dev/null\n' >"$work/porch.conf"
if [ -d /sys/kernel/config/scrim ]; then
	skip "without the driver it does not start" "the driver is loaded"
else
	is "without the driver it does not start" ends 1 'scrim' --camera porch --policy "$work"
fi
is "it needs no library that reads files of strangers" sh -c "! ldd '$scrimd' | grep -E 'libav|libsw|libpng'"
exit $failed
