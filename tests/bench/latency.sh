#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# All of the chain but the driver: a clip of 1920x1080 in real time, 30 pictures a second,
# `scrim run`, and a reader in a process of its own.  From a picture's timestamp, which is when
# it was due, to when DQBUF has given it to the reader.  What it takes to decode a picture is
# not in it, since that is done before it is due: "live" has that.
set -u
cd "$(dirname "$0")/../.." || exit
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
seconds=20

ffmpeg -v error -nostdin -y -r 30 -i "$SCRIM_CLIP" -c:v mjpeg -q:v 4 -pix_fmt yuvj422p "$work/clip.avi" || exit
"$SCRIM" run --source "$work/clip.avi" -- "$PWD/build/vm/bin/look" /dev/video0 log=1 seconds=$seconds \
	>"$work/log" 2>"$work/said" || { cat "$work/said"; exit 1; }
# The pictures of the first second are those of programs that load.
awk '$1 == "frame" && $4 != "black" && ++n > 30 { print $3 - $8 }' "$work/log" | sort -n | awk '
	{ us[NR] = $1 }
	function line(name, at, end) {
		printf "%-12s %7.3f ms, %.2f of a frame'"'"'s time at 30 a second%s\n", name, us[at] / 1000,
			us[at] / 1000000 * 30, end
	}
	END {
		printf "%d pictures in '$seconds' s\n", NR
		line("latency p50", int((NR + 1) / 2), "")
		line("latency p99", int(NR * 0.99 + 0.5), "; the bar is 1")
	}'
sed -n 's/.* black: .*; \([0-9]*\) frames, \([0-9]*\) covered whole, \([0-9]*\) dropped.*/\1 frames, \2 covered whole, \3 dropped/p' "$work/said"
