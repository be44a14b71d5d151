#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What `scrim run` costs the program that it starts, beside what it is to cost at most: 1080p60 of
# a clip that is easy to decode, no detector.  Medians of rounds that take turns with what they are
# compared to.  v4l2convert.so is libv4l2's wrapper, put on top in the same place.
set -u
cd "$(dirname "$0")/../.." || exit
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
rounds=3 seconds=8
run=$PWD/build/bench/run
convert=$(find /usr/lib -name v4l2convert.so 2>/dev/null | head -n 1)

ffmpeg -v error -nostdin -y -f lavfi -i smptebars=size=1920x1080:rate=60:duration=4 -c:v libx264 -preset ultrafast \
	-pix_fmt yuv420p "$work/clip.mp4" || exit
printf '[camera run]\npurpose = a measurement\ndevice = file:%s\nfaces = show\ndetector = none\n' "$work/clip.mp4" >"$work/run.conf"
wrapped() { build/bin/scrim run --source "$work/clip.mp4" --policy "$work/run.conf" -- "$@" 2>/dev/null; }
median() { sort -n "$1" | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }
# row WHAT VALUE UNIT BAR
row() { awk -v what="$1" -v is="$2" -v unit="$3" -v bar="$4" 'BEGIN { printf "%-44s %8.1f %-4s%s\n", what, is, unit, bar == "" ? "" : sprintf("at most %g: %s", bar, is <= bar ? "kept" : "MISSED") }'; }

for _ in $(seq $rounds); do
	"$run" open /dev/null >>"$work/open"
	wrapped "$run" open /dev/null >>"$work/open.run"
	wrapped "$run" open /dev/video0 >>"$work/open.camera"
	wrapped "$run" row /dev/video0 >>"$work/row"
	build/bench/floor always "$run" row @ >>"$work/row.floor"
	wrapped "$run" pair /dev/video0 >>"$work/pair"
	build/bench/floor 60 "$run" pair @ >>"$work/pair.floor"
	[ -z "$convert" ] || wrapped env LD_PRELOAD="$convert" "$run" pair /dev/video0 >>"$work/pair.convert"
	wrapped "$run" first /dev/video0 >"$work/one" && cut -d' ' -f1 "$work/one" >>"$work/first" && cut -d' ' -f2 "$work/one" >>"$work/live"
done
native=$(median "$work/open")
row "DQBUF and QBUF" "$(median "$work/pair")" us 15
row "  of the least that answers, here and now" "$(median "$work/pair.floor")" us ''
row "DQBUF and QBUF, many in a row" "$(median "$work/row")" us 15
row "  of the least that answers, here and now" "$(median "$work/row.floor")" us ''
[ -z "$convert" ] || row "  the same under v4l2convert.so" "$(median "$work/pair.convert")" us ''
row "open, native" "$native" us ''
row "open, more than native" "$(awk -v a="$(median "$work/open.run")" -v b="$native" 'BEGIN { print a - b }')" us 8
row "open of the camera" "$(median "$work/open.camera")" us ''
row "first frame, from the program's start" "$(median "$work/first")" ms 200
row "first that is not black" "$(median "$work/live")" ms ''

# A second of a core has HZ of them.
ticks() { awk '{ sub(/.*\) /, ""); n += $12 + $13 } END { print n + 0 }' "$@" 2>/dev/null; }
memory() { awk -v what="  $1" '/^Rss:/ { rss = $2 } /^Private_Dirty:/ { own = $2 } END { printf "%-44s %8d kB  %d of it private and written\n", what, rss, own }' "/proc/$2/smaps_rollup"; }

build/bin/scrim run --source "$work/clip.mp4" --policy "$work/run.conf" -- "$run" watch /dev/video0 $((seconds + 4)) >"$work/count" 2>/dev/null &
top=$!
sleep 3
daemon=$(pgrep -P $top -x scrimd) program=$(pgrep -P $top -x run)
storer=$(pgrep -o -P "$daemon") worker=$(pgrep -n -P "$daemon")
for part in $top "$daemon" "$storer" "$worker" "$program"; do ticks "/proc/$part/stat"; done >"$work/before"
sleep $seconds
for part in $top "$daemon" "$storer" "$worker" "$program"; do ticks "/proc/$part/stat"; done >"$work/after"
echo "memory"
for part in "supervisor $top" "scrimd $daemon" "who stores $storer" "worker $worker"; do memory "${part% *}" "${part##* }"; done
wait
build/bin/scrimd --camera run --policy "$work/run.conf" --run "$work" --feed null 2>"$work/null" &
null=$!
sleep 3
filter=$(pgrep -n -P $null)
before=$(ticks "/proc/$filter/stat" "/proc/$null/stat")
sleep $seconds
after=$(ticks "/proc/$filter/stat" "/proc/$null/stat")
kill $null
wait
hz=$(getconf CLK_TCK)
paste "$work/before" "$work/after" | awk -v hz="$hz" -v s=$seconds -v filter=$((after - before)) '
	BEGIN { split("supervisor scrimd who-stores worker program", name); print "processor, per cent of a core" }
	{ used[NR] = ($2 - $1) * 100 / hz / s; sum += used[NR]; printf "  %-42s %8.1f %%\n", name[NR], used[NR] }
	END { filter *= 100 / hz / s; printf "  %-42s %8.1f %%\n", "the filter itself, shown to nobody", filter
		printf "%-44s %8.1f %%   at most 6: %s\n", "over the filter itself", sum - filter, sum - filter <= 6 ? "kept" : "MISSED" }'
row "  two copies of its pictures, and nothing else" "$(build/bench/floor copies $seconds)" '%' ''
row "frames a second that the program took" "$(awk -v s=$((seconds + 4)) '{ print $1 / s }' "$work/count")" '' ''
