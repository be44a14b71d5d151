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
mkdir "$work/run"

# Two commands that print the same lines, and at least one.
same() {
	"$1" >"$work/$1" && "$2" >"$work/$2" && [ -s "$work/$1" ] && diff "$work/$1" "$work/$2"
}
# ends STATUS WORDS ARGUMENT...: with this status, and says that.
ends() {
	local status=$1 words=$2 got; shift 2

	timeout 20 "$scrimd" --run "$work/run" "$@" >"$work/said" 2>&1
	got=$?
	[ $got = "$status" ] && grep -q -e "$words" "$work/said" && return
	echo "status $got: $(cat "$work/said")"
	return 1
}

options_of_help() { "$scrimd" --help | grep -oE -e '--[a-z]+  *[A-Za-z]' | grep -oE -e '--[a-z]+' | sort -u; }
options_of_page() { grep '^\.It Fl' $man8 | grep -oE '[ ,] ?-[a-z]+|Fl -[a-z]+' | grep -oE -e '-[a-z]+$' | sed 's/^/-/' | sort -u; }
permissions_of_code() {
	local table

	for table in live video network; do
		sed -n "/ ${table}_permissions\[\] = {/,/^};/"'s/^\tMAY(\([a-z_0-9]*\),[[:blank:]]*"\(.*\)"),$/\1 \2/p' lib/guard/cage.c
	done
	sed -n 's/^\t{ \(VIDIOC_[A-Z_]*\), "\(.*\)" },$/\1 camera \2/p' lib/source/v4l2.c
	sed -n 's/^\t{ \(VIDIOC_[A-Z_]*\), "\(.*\)" },$/\1 feed \2/p' lib/sink/output.c
	sed -n 's/^\t{ DEVICE_WRITE, "\(.*\)" },$/write connection \1/p' lib/source/network.c
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

# A video in place of the camera, and nobody who is shown what becomes of it.
printf '[camera porch]\npurpose = a test\ndevice = file:%s\nfaces = show\ndetector = none\n' \
	"$work/clip.mp4" >"$work/porch.conf"
ffmpeg -v error -nostdin -y -f lavfi -i testsrc2=size=320x180:rate=30:duration=1 -pix_fmt yuv420p "$work/clip.mp4"

said() { grep -q -e "$1" "$work/said"; }
# plays SECONDS [ARGUMENT...]: until it is ended; its status is left in $status.
plays() {
	timeout -s TERM "$1" "$scrimd" --run "$work/run" --camera porch --policy "$work" --feed null "${@:2}" >"$work/said" 2>&1
	status=$?
	cat "$work/said"
	[ $status = 124 ] && ! said 'permissions'
}
frames() { sed -n 's/.* black: asked to end; \([0-9]*\) frames.*/\1/p' "$work/said"; }

is "a feed that is not null is refused" ends 2 'takes null' --camera porch --feed /dev/null
for feed in session:-5 session:3abc session: session:+3 'session: 3' session:99999999999; do
	is "$feed is no descriptor" ends 2 'takes null' --camera porch --feed "$feed"
done
is "it makes no camera for nobody" ends 2 'has none' --camera porch --feed null --prepare
is "a video is played without driver and camera" plays 4
is "it says that nobody is shown anything" said 'ready; shown to nobody (--feed null)'
is "the video is 320x180 YU12" said '320x180 YU12'
# Four seconds of 30 frames, less the start, on a machine that has other things to do.
is "more than once, and in real time: $(frames) frames" test "$(frames)" -gt 40 -a "$(frames)" -le 121
# What a service manager is told.
python3 - "$work/notify" >"$work/told" <<-'END' &
	import socket, sys
	s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
	s.bind(sys.argv[1])
	s.settimeout(30)
	while True:
	    print(s.recv(4096).decode(), flush=True)
END
manager=$!
for _ in $(seq 50); do [ -S "$work/notify" ] || sleep 0.1; done
NOTIFY_SOCKET=$work/notify plays 2
kill $manager
is "so is the manager, in the status" grep -q '^STATUS=camera on, shown to nobody (--feed null)' "$work/told"
mv "$work/clip.mp4" "$work/gone.mp4"
is "a video that is not there is black" plays 1
is "and said" said 'cannot open .*clip.mp4.*; black'
head -c 10000 /dev/urandom >"$work/clip.mp4"
is "what is no video is black" plays 1
is "and said why" said 'no photo or video'
ffmpeg -v error -nostdin -y -f lavfi -i testsrc2=size=64x64 -frames:v 1 -f mjpeg "$work/clip.mp4"
is "a photo is no camera" plays 1
is "which is said" said 'not a video'
sed -i 's|^device.*|device = camera2:0|' "$work/porch.conf"
is "a kind of camera that is not known is black" plays 1
is "and said what is" said 'not known; a path, file:PATH'
exit $failed
