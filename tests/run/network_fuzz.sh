#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A recorded camera that makes mistakes: H.264 and HEVC of a real server, with bits flipped, packets
# lost and doubled, other sizes in the middle and garbage between, to a scrimd for each, whose
# pictures a program reads.  The left half is white and to be black.  For FUZZ_SECONDS (30);
# FUZZ_SEED is of a run before.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
. tests/network/alone.sh
. tests/network/lib.sh
seconds=${FUZZ_SECONDS:-30}
seed=${FUZZ_SEED:-$RANDOM$RANDOM}
if ! /usr/bin/python3 -c 'import gi; gi.require_version("GstRtspServer", "1.0")' 2>/dev/null; then
	skip "a fuzzed stream" "there is no GStreamer RTSP server"
	exit 0
fi
if [ ! -e /dev/fuse ] || ! "$scrim" run --explain >/dev/null 2>&1; then
	skip "a fuzzed stream" "no FUSE"
	exit 0
fi

# white SIZE ARGUMENT...: its left half is white, the right one moves.
white() {
	ffmpeg -v error -nostdin -y -f lavfi -i "testsrc2=size=$1:rate=30:duration=8,drawbox=0:0:iw/2:ih:white:fill" \
		-pix_fmt yuv420p "${@:2}"
}
x264=(-c:v libx264 -preset ultrafast -tune zerolatency -g 15 -threads 1)
x265=(-c:v libx265 -preset ultrafast -tag:v hvc1 -x265-params log-level=none:keyint=15:pools=none:frame-threads=1)
white 320x180 "${x264[@]}" "$work/h264-0.mp4"
white 480x270 "${x264[@]}" "$work/h264-1.mp4"
white 128x512 "${x264[@]}" -bf 2 "$work/h264-2.mp4"
white 320x180 "${x265[@]}" "$work/h265-0.mp4"
white 480x270 "${x265[@]}" "$work/h265-1.mp4"
white 128x512 "${x265[@]}" "$work/h265-2.mp4"
recording=()
for film in "$work"/h26*.mp4; do
	port=$((port + 1))
	/usr/bin/python3 tests/network/server.py rtsp $port "$film" >"$film.server" 2>&1 &
	servers="${servers-} $!"
	waits '^ready' "$film.server"
	/usr/bin/python3 tests/network/recorded.py record $port cam 110 "${film%.mp4}.film" >"$film.said" 2>&1 &
	recording+=($!)
done
pids="$pids $servers"
for pid in "${recording[@]}"; do is "recorded" wait "$pid"; done
# shellcheck disable=SC2086 # words
kill $servers

# below PID: it and all its descendants.
below() { local child; echo "$1"; for child in $(pgrep -P "$1"); do below "$child"; done; }
# named PID NAME: those of them that run a program.
named() { local pid; for pid in $(below "$1"); do [ "$(cat "/proc/$pid/comm" 2>/dev/null)" != "$2" ] || echo "$pid"; done; }
# Kilobytes of a process.
anonymous() { awk '/^RssAnon:/ { print $2 }' "/proc/$1/status" 2>/dev/null; }

# begin_one NAME: scrim run, and in it ffmpeg and the judge, at a camera that plays its film.
begin_one() {
	port=$((port + 1))
	/usr/bin/python3 tests/network/recorded.py play $port "$seed" "$work/calm" "$work/$1"-{0,1,2}.film >"$work/$1.played" 2>&1 &
	pids="$pids $!"
	waits '^ready' "$work/$1.played"
	"$scrim" run --source "rtsp://127.0.0.1:$port/cam" --policy "$work/half.conf" -- sh -c \
		'ffmpeg -v quiet -nostdin -f v4l2 -pixel_format yuv420p -i /dev/video0 -fps_mode passthrough -f rawvideo - |
			/usr/bin/python3 tests/network/fuzz_judge.py "$1"' - "$work/$1.judged" >"$work/$1.said" 2>&1 &
	run[$1]=$!
	pids="$pids $!"
}
judged() { cut -d' ' -f"$2" "$work/$1.judged" 2>/dev/null || echo 0; }
# worker_of SCRIMD: of its children the newest one that holds a connection.
worker_of() {
	local pid

	for pid in $(pgrep -P "$1" | sort -rn); do
		readlink "/proc/$pid/fd/"* 2>/dev/null | sed -n 's/^socket:\[\(.*\)\]/ \1 /p' | grep -qFf - /proc/net/tcp || continue
		echo "$pid"
		return
	done
	return 1
}
comes() {
	local _

	for _ in $(seq "$1"); do
		"${@:2}" && return 0
		sleep 0.2
	done
	return 1
}
shows_more() { [ "$(judged "$1" 2)" -gt "$2" ]; }

declare -A run daemon worker deaths most
for name in h264 h265; do
	begin_one $name
	deaths[$name]=0 most[$name]=0
done
for name in h264 h265; do
	is "$name: it is watched" comes 150 shows_more $name 20
	daemon[$name]=$(named "${run[$name]}" scrimd | head -n 1)
	worker[$name]=
done

# Meanwhile workers come and go, and take memory.
begun=$SECONDS
while [ $((SECONDS - begun)) -lt "$seconds" ]; do
	for name in h264 h265; do
		now=$(worker_of "${daemon[$name]}")
		[ "${worker[$name]:-$now}" = "$now" ] || deaths[$name]=$((deaths[$name] + 1))
		worker[$name]=$now
		sum=0
		for pid in $(below "${daemon[$name]}"); do
			kb=$(anonymous "$pid")
			sum=$((sum + ${kb:-0}))
		done
		[ "$sum" -le "${most[$name]}" ] || most[$name]=$sum
	done
	sleep 0.2
done
echo "seed $seed: $seconds s"
for name in h264 h265; do
	said=$work/$name.said
	is "$name: scrimd lives" kill -0 "${daemon[$name]}"
	echo "$name: connections $(grep -c ^connection "$work/$name.played"), pictures $(judged $name 1), live $(judged $name 2);" \
		"camera on $(grep -c 'camera on' "$said"), black $(grep -c 'black' "$said"), killed $(grep -c 'killed by signal' "$said")"
	is "$name: its memory is bounded: ${most[$name]} kB" test "${most[$name]}" -lt 200000
	is "$name: nobody has broken out" test "$(grep -c permissions "$said")" = 0
	is "$name: no worker ended unsaid: ${deaths[$name]} seen to" test "${deaths[$name]}" -le "$(grep -c 'black' "$said")"
done
# When it makes no mistakes, it is shown again.
: >"$work/calm"
for name in h264 h265; do
	said=$work/$name.said
	is "$name: then it is shown again" comes 200 shows_more $name $(($(judged $name 2) + 60))
	kill -9 "$(worker_of "${daemon[$name]}")"
	is "$name: a worker that is killed is seen to be" waits 'black.*killed by signal 9' "$said"
	is "$name: and another one shows it" comes 200 shows_more $name $(($(judged $name 2) + 60))
	kill "$(named "${run[$name]}" ffmpeg | head -n 1)"
	wait "${run[$name]}"
	is "$name: of $(judged $name 1) pictures none shows what is covered" test "$(judged $name 3)" = 0
	is "$name: and $(judged $name 2) showed something" test "$(judged $name 2)" -gt 100
done
if [ $failed != 0 ]; then
	mkdir -p build/fuzzed/stream && cp "$work"/*.{said,played,film} build/fuzzed/stream
	echo "FUZZ_SEED=$seed; what was said and played is in build/fuzzed/stream"
fi
exit $failed
