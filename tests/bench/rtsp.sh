#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A camera that sends H.264, 1080p30, by RTSP: processor time of the real worker a frame, as a
# difference of policies, and of ffmpeg beside it on the same server and core.  What the worker
# shows to nobody is YU12, as decoded; ffmpeg writes the same to /dev/null.
set -u
cd "$(dirname "$0")/../.." || exit
work=$(mktemp -d) || exit
server=
trap '[ -z "$server" ] || kill $server; rm -rf "$work"' EXIT
seconds=10
port=$((20000 + RANDOM % 20000))

/usr/bin/python3 -c 'import gi; gi.require_version("GstRtspServer", "1.0")' || exit
ffmpeg -v error -nostdin -y -stream_loop 8 -r 30 -i "$SCRIM_CLIP" -c:v libx264 -preset ultrafast -tune zerolatency \
	-g 30 -t 15 -pix_fmt yuv420p "$work/clip.mp4" || exit
# The camera is another machine: it has the other cores.
taskset -c 0-$(($(nproc --all) - 2)) /usr/bin/python3 tests/network/server.py rtsp $port "$work/clip.mp4" >"$work/server" &
server=$!
: >>"$work/server"
for _ in $(seq 100); do grep -q ready "$work/server" && break; sleep 0.1; done

# worker NAME LINE...: under a policy of these lines; milliseconds a frame are left in $ms.
worker() {
	local name=$1 daemon pid before after

	printf '[camera porch]\npurpose = a measurement\ndevice = rtsp://127.0.0.1:%d/cam\n' $port >"$work/porch.conf"
	printf '%s\n' "${@:2}" >>"$work/porch.conf"
	build/bin/scrimd --camera porch --policy "$work/porch.conf" --run "$work" --feed null 2>"$work/said" &
	daemon=$!
	for _ in $(seq 100); do grep -q 'camera on' "$work/said" && break; sleep 0.1; done
	sleep 1
	pid=$(pgrep -P $daemon)
	before=$(count "$pid")
	sleep $seconds
	after=$(count "$pid")
	printf '%-28s %6d kB, %6d kB of it private and written\n' "$name: memory" \
		"$(awk '$1 == "Rss:" { print $2 }' "/proc/$pid/smaps_rollup")" \
		"$(awk '$1 == "Private_Dirty:" { print $2 }' "/proc/$pid/smaps_rollup")"
	kill $daemon
	wait $daemon
	# shellcheck disable=SC2086 # two numbers
	ms=$(per_frame $before $after)
	printf '%-28s %6.2f ms a frame\n' "$name" "$ms"
}
# Ticks of a worker, and the frames that it has decoded: where the machine has other things to
# do, some are late and not shown, and the figures are worth little.
count() {
	printf '%s %s\n' "$(awk '{ print $14 + $15 }' "/proc/$1/stat")" \
		"$("$SCRIM" status porch --policy "$work/porch.conf" --run "$work" --json | jq '[.. | objects | select(has("frames")) | .frames + (.dropped // 0)] | max')"
}
per_frame() { awk -v hz="$(getconf CLK_TCK)" "BEGIN { print ($3 - $1) * 1000 / hz / ($4 - $2) }"; }
# ffmpeg NAME OUTPUT...: the same.
peer() {
	/usr/bin/time -f '%U %S' -o "$work/time" timeout -s INT $((seconds + 2)) ffmpeg -nostdin -hide_banner -threads 1 \
		-rtsp_transport tcp -i "rtsp://127.0.0.1:$port/cam" "${@:2}" >"$work/ffmpeg" 2>&1
	tr '\r' '\n' <"$work/ffmpeg" | sed -n 's/^frame= *\([0-9]*\).*/\1/p' | tail -n 1 >>"$work/time"
	ms=$(tail -n 2 "$work/time" | tr '\n' ' ' | awk '{ print ($1 + $2) * 1000 / $3 }')
	printf '%-28s %6.2f ms a frame\n' "$1" "$ms"
}

peer "ffmpeg, decode only" -f null -
decode=$ms
peer "ffmpeg -f rawvideo" -f rawvideo -y /dev/null
raw=$ms
worker "scrimd, faces = show" "faces = show" "detector = none"
show=$ms
worker "scrimd, faces = fill" "faces = fill"
awk -v decode="$decode" -v raw="$raw" -v show="$show" -v fill="$ms" 'BEGIN {
	printf "%-28s %6.2f ms\n%-28s %6.2f ms\n%-28s %6.2f ms\n%-28s %6.2f\n", "of these, decode", decode,
		"receive and copy", show - decode, "filter", fill - show, "ratio to ffmpeg -f rawvideo", fill / raw }'
