#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A camera that sends H.264, 1080p30, by RTSP: processor time of the real worker a frame, as a
# difference of policies, its memory, and how late pictures are; ffmpeg beside it on the same core,
# in turns, and of that medians.  The camera was recorded from a real server, and draws a number
# into each picture.  Frames are YU12, as decoded, which have the bytes of NV12.
set -u
cd "$(dirname "$0")/../.." || exit
work=$(mktemp -d) || exit
pids=
# shellcheck disable=SC2086 # words
trap '[ -z "$pids" ] || kill $pids 2>/dev/null; rm -rf "$work"' EXIT
rounds=3
seconds=6				# of each measurement
settle=3				# before it counts
port=$((20000 + RANDOM % 10000))
hz=$(getconf CLK_TCK)

/usr/bin/python3 -c 'import gi; gi.require_version("GstRtspServer", "1.0")' || exit
/usr/bin/python3 -c '
import sys
for number in range(300):
    bits = [1, 0] + [number >> bit & 1 for bit in range(15, -1, -1)]
    sys.stdout.buffer.write(b"".join(b"\xff" * 32 if bit else b"\0" * 32 for bit in bits) * 32)
' >"$work/numbers"
ffmpeg -v error -nostdin -y -stream_loop 8 -r 30 -i "$SCRIM_CLIP" -f rawvideo -pix_fmt gray -s 576x32 -r 30 -i "$work/numbers" \
	-filter_complex 'overlay=0:H-h' -c:v libx264 -preset ultrafast -tune zerolatency -g 30 -t 10 -pix_fmt yuv420p "$work/clip.mp4" || exit
# The camera is another machine: it has the other cores.
camera() { taskset -c 0-$(($(nproc --all) - 2)) /usr/bin/python3 "$@" >"$work/server" & pids="$pids $!"; }
ready() { for _ in $(seq 100); do grep -q ready "$work/server" && break; sleep 0.1; done; }
camera tests/network/server.py rtsp $port "$work/clip.mp4"
ready
/usr/bin/python3 tests/network/recorded.py record $port cam 270 "$work/film" >"$work/recorded" || exit
port=$((port + 1))
camera tests/network/recorded.py steady $port "$work/sent" "$work/film"
ready
echo "recorded: $(cat "$work/recorded"), $(($(stat -c %s "$work/film") * 8 / 9 / 1000)) kbit/s; $rounds rounds of $seconds s each"

# policy LINE...
policy() {
	printf '[camera run]\npurpose = a measurement\ndevice = rtsp://127.0.0.1:%d/cam\n' $port >"$work/run.conf"
	printf '%s\n' "$@" >>"$work/run.conf"
}
# note NAME VALUE: one of the round's; median NAME: of all.
note() { echo "$2" >>"$work/note.$1"; }
median() { sort -n "$work/note.$1" | awk '{ v[NR] = $1 } END { print NR ? v[int((NR + 1) / 2)] : "nan" }'; }
# Ticks of a worker, the frames that it has shown, and those that were late and left out, most of them
# before they were decoded: where there are any, the figures are worth little.
count() {
	printf '%s %s\n' "$(awk '{ print $14 + $15 }' "/proc/$1/stat")" \
		"$("$SCRIM" status run --policy "$work/run.conf" --run "$work" --json |
			jq -r '[.. | objects | select(has("frames")) | [.frames, .dropped // 0]] | max | @tsv')"
}
# worker NAME LINE...: under a policy of these lines.
worker() {
	local daemon pid before after

	policy "${@:2}"
	build/bin/scrimd --camera run --policy "$work/run.conf" --run "$work" --feed null 2>"$work/said" &
	daemon=$!
	for _ in $(seq 100); do grep -q 'camera on' "$work/said" && break; sleep 0.1; done
	sleep $settle
	pid=$(pgrep -P $daemon | tail -n 1)
	before=$(count "$pid")
	sleep $seconds
	after=$(count "$pid")
	# shellcheck disable=SC2086 # numbers
	note "$1.ms" "$(awk -v hz="$hz" 'BEGIN { n = ARGV[5] - ARGV[2]; print n ? (ARGV[4] - ARGV[1]) * 1000 / hz / n : "nan" }' $before $after)"
	# shellcheck disable=SC2086 # the same
	note "$1.rate" "$(awk -v s=$seconds 'BEGIN { printf "%.1f\n", (ARGV[5] - ARGV[2]) / s }' $before $after)"
	# shellcheck disable=SC2086 # the same
	note "$1.left" "$(awk 'BEGIN { print ARGV[6] - ARGV[3] }' $before $after)"
	note "$1.peak" "$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$pid/status")"
	note "$1.own" "$(awk '$1 == "Private_Dirty:" { print $2 }' "/proc/$pid/smaps_rollup")"
	kill $daemon
	wait $daemon
}
# peer NAME OUTPUT...: ffmpeg, the same.
peer() {
	/usr/bin/time -f '%U %S %M' -o "$work/time" timeout -s INT $((seconds + settle)) ffmpeg -nostdin -hide_banner -threads 1 \
		-rtsp_transport tcp -i "rtsp://127.0.0.1:$port/cam" "${@:2}" >"$work/ffmpeg" 2>&1
	tr '\r' '\n' <"$work/ffmpeg" | sed -n 's/^frame= *\([0-9]*\).*/\1/p' | tail -n 1 >>"$work/time"
	note "$1.ms" "$(tail -n 2 "$work/time" | tr '\n' ' ' | awk '{ print ($1 + $2) * 1000 / $4 }')"
	note "$1.peak" "$(tail -n 2 "$work/time" | awk 'NR == 1 { print $3 }')"
}
# late NAME: of the pictures in $work/got, by $work/sent: since it was last sent.
late() {
	awk -v settle=$settle -v seconds=$seconds '
		FILENAME ~ /sent$/ { n = ++many[$1]; at[$1, n] = $2; next }
		!begun { begun = $2 }
		$2 - begun < settle { next }
		$1 == last { next }
		{
			last = $1; best = -1
			for (i = 1; i <= many[$1]; i++)
				if (at[$1, i] <= $2) best = $2 - at[$1, i]
			if (best >= 0) ms[++n2] = best * 1000
		}
		END { for (i = 1; i <= n2; i++) print ms[i] }' "$work/sent" "$work/got" | sort -n >"$work/ms"
	note "$1.p50" "$(awk '{ v[NR] = $1 } END { print NR ? v[int((NR + 1) / 2)] : "nan" }' "$work/ms")"
	note "$1.p99" "$(awk '{ v[NR] = $1 } END { print NR ? v[int(NR * 0.99 + 0.5)] : "nan" }' "$work/ms")"
	note "$1.got" "$(wc -l <"$work/ms")"
}
# program NAME LINE...: has it by scrim run.
program() {
	policy "${@:2}"
	"$SCRIM" run --source "rtsp://127.0.0.1:$port/cam" --policy "$work/run.conf" -- "$PWD/build/bench/rtsp" node /dev/video0 \
		$((seconds + settle + 1)) >"$work/got" 2>"$work/said" || cat "$work/said"
	late "$1"
}
# pipe NAME OPTION...: has it by ffmpeg.
pipe() {
	ffmpeg -v error -nostdin -threads 1 "${@:2}" -rtsp_transport tcp -i "rtsp://127.0.0.1:$port/cam" -fps_mode passthrough -f rawvideo - 2>/dev/null |
		build/bench/rtsp pipe $((seconds + settle + 1)) >"$work/got"
	late "$1"
}

for _ in $(seq $rounds); do
	note decode.ms "$(build/bench/rtsp decode "$work/clip.mp4")"
	note copy.ms "$(build/bench/rtsp copy)"
	peer raw -f rawvideo -y /dev/null
	worker show "faces = show" "detector = none"
	worker fill "faces = fill"
	pipe ffmpeg
	pipe hurried -fflags nobuffer -flags low_delay
	program shown "faces = show" "detector = none"
	program filled "faces = fill"
done

of() { printf '%-34s %7.2f ms a frame%s\n' "$1" "$(median "$2.ms")" "${3-}"; }
of "ffmpeg -f rawvideo" raw
of "scrimd, faces = show" show ", $(median show.rate) frames a second, $(median show.left) left out"
of "scrimd, faces = fill" fill ", $(median fill.rate) frames a second, $(median fill.left) left out"
awk -v decode="$(median decode.ms)" -v copy="$(median copy.ms)" -v raw="$(median raw.ms)" -v show="$(median show.ms)" -v fill="$(median fill.ms)" 'BEGIN {
	printf "%-34s %7.2f ms\n%-34s %7.2f ms\n%-34s %7.2f ms\n%-34s %7.2f ms\n%-34s %7.2f\n", "of these, decode", decode,
		"the copy into a frame", copy, "filter", fill - show, "receive and the rest", show - decode - copy,
		"ratio to ffmpeg -f rawvideo", fill / raw }'
memory() { printf '%-34s %7d kB at most%s\n' "$1: memory" "$(median "$2.peak")" "${3-}"; }
memory "ffmpeg -f rawvideo" raw
memory "scrimd, faces = show" show ", $(median show.own) kB of it private and written"
memory "scrimd, faces = fill" fill ", $(median fill.own) kB of it private and written"
latency() {
	printf '%-34s p50 %7.1f ms, p99 %7.1f ms, %d of %d pictures\n' "$1: latency" "$(median "$2.p50")" "$(median "$2.p99")" \
		"$(median "$2.got")" $((30 * (seconds + 1)))
}
latency "ffmpeg, to a pipe" ffmpeg
latency "the same, told to hurry" hurried
latency "scrim run, faces = show" shown
latency "scrim run, faces = fill" filled
awk -v f="$(median ffmpeg.p99)" -v h="$(median hurried.p99)" -v s="$(median filled.p99)" 'BEGIN {
	printf "%-34s %7.2f; to one told to hurry %.2f\n", "ratio of p99, fill to ffmpeg", s / f, s / h }'
awk -v rate="$(median fill.rate)" 'BEGIN {
	if (rate < 29) printf "this machine did not filter 30 frames a second on one core, but %s\n", rate }'
