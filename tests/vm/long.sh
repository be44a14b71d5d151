#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# long.sh [FRAMES]: what guest/live-long shows, for the face network, which an emulated machine
# is too slow for: on this one, 20000 frames of a video of 240 a second.  Every 1000 the memory
# of scrimd and of its worker is measured; it does not grow.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
frames=${1:-20000}
work=$(mktemp -d) || exit
daemon=
manager=
# shellcheck disable=SC2086 # words
trap 'kill -9 $daemon $manager; wait 2>/dev/null; rm -rf "$work"' EXIT
export NOTIFY_SOCKET=$work/manager

passed() { grep -o '; [0-9]* frames' "$work/heard" | tail -n 1 | tr -dc 0-9; }
memory_of() { awk '$1 == "Rss:" { print $2 }' "/proc/$1/smaps_rollup"; }
files_of() { find "/proc/$1/fd" | wc -l; }
# Frames, KB of scrimd and of its worker, descriptors of each.
measure() { echo "$(passed) $(memory_of $daemon) $(memory_of "$worker") $(files_of $daemon) $(files_of "$worker")"; }
# slope COLUMN: least squares, in KB for 1000 frames.
slope() {
	awk -v at="$1" '{ n++; x = $1 / 1000; y = $at; sx += x; sy += y; sxx += x * x; sxy += x * y }
		END { printf "%.1f\n", (n * sxy - sx * sy) / (n * sxx - sx * sx) }' "$work/table"
}
less() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a < b) }'; }

ffmpeg -v error -nostdin -y -loop 1 -i build/data/photos/sample1.jpg -vf scale=160:120 -t 2 -r 240 \
	-c:v rawvideo -pix_fmt yuv420p "$work/clip.avi" || exit
printf '[camera porch]\npurpose = a test\ndevice = file:%s\nfaces = fill\nmoving = fill\ndetect-size = 64x48\n' \
	"$work/clip.avi" >"$work/porch.conf"
build/vm/bin/heard "$NOTIFY_SOCKET" >"$work/heard" &
manager=$!
build/bin/scrimd --camera porch --policy "$work/porch.conf" --feed null 2>"$work/said" &
daemon=$!
sleep 2
worker=$(pgrep -P $daemon)
is "scrimd and its worker run" test -n "$worker" || exit
echo "frames, KB: scrimd, worker; descriptors of scrimd, worker"
# The first thousands fill what is kept for later.
next=2000
while [ "$next" -le "$frames" ] && kill -0 "$worker"; do
	sleep 0.5
	[ "$(passed)" -ge "$next" ] || continue
	measure | tee -a "$work/table"
	next=$(($(passed) / 1000 * 1000 + 1000))
done
is "$frames frames pass, through one worker" test "$(passed)" -ge "$frames"
for column in 2:scrimd 3:worker; do
	grows=$(slope "${column%%:*}")
	is "memory: ${column#*:} grows by $grows KB in 1000 frames, less than 8" less "$grows" 8
done
is "descriptors: as many at the end as at the beginning" \
	test "$(cut -d' ' -f4,5 "$work/table" | sort -u | wc -l)" = 1
kill -TERM $daemon
wait $daemon
daemon=
is "and each frame was looked at" grep -q ' frames, 0 covered whole' "$work/said"
cat "$work/said"
exit $failed
