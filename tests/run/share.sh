#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# One scrimd without the driver, and applications of several users that scrim run starts: each
# gets the camera, none the memory of another, and none holds up a cut.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
scrim=$(realpath "${SCRIM:-build/bin/scrim}") || exit
scrimd=$(realpath "${SCRIMD:-build/bin/scrimd}") || exit
work=$(TMPDIR=/tmp mktemp -d) || exit
chmod 755 "$work"
trap 'pkill -KILL -P $$; rm -rf "$work"' EXIT
isnt() { if "${@:2}"; then echo "not ok - $1"; failed=1; else echo "ok - $1"; fi; }

if [ ! -e /dev/fuse ] || ! "$scrim" run --explain >"$work/explained" 2>&1; then
	skip "scrimd shares a camera" "$(tail -n 1 "$work/explained" 2>/dev/null || echo "this kernel has no FUSE")"
	exit 0
fi
gcc -O2 -Wall -Wextra -Werror -static -o "$work/reader" tests/wrap/reader.c || exit
ffmpeg -v error -nostdin -y -f lavfi -i color=white:size=320x180:rate=30:duration=1 -pix_fmt yuv420p "$work/clip.mp4"
policy() {
	printf '[camera porch]\npurpose = a test\ndevice = file:%s\nfaces = show\ndetector = none\n' "$work/clip.mp4" >"$work/porch.new"
	printf '%s\n' "$@" >>"$work/porch.new"
	mv "$work/porch.new" "$work/porch.conf"
}
daemon() {
	: >"$work/said"
	"$scrimd" --run "$work" --camera porch --policy "$work/porch.conf" --feed share 2>"$work/said" &
	daemon=$!
	within 50 test -S "$work/porch"
}
within() { # TENTHS COMMAND...
	local _; for _ in $(seq "$1"); do "${@:2}" && return; sleep 0.1; done; return 1
}
says() { within 100 grep -q -e "$1" "$work/said" || { cat "$work/said"; return 1; }; }
runs() { timeout 60 "$scrim" run --camera porch --run "$work" -- "$@"; }
# The same in the background: $!
starts() { timeout 60 "$scrim" run --camera porch --run "$work" -- "$@" & }
# Pictures of 320x180 YUYV: how many begin with this byte, and how many there are.
count() {
	python3 -c 'import sys
b, size = open(sys.argv[1], "rb").read(), 320 * 180 * 2
first = [b[at] for at in range(0, len(b), size)]
print(sum(abs(f - int(sys.argv[2])) < 3 for f in first), len(first))' "$@"
}
white() { read -r some all < <(count "$1" 235 2>/dev/null); echo "$some of $all are white"; [ "${some:-0}" -gt "${2:-5}" ]; }

policy
is "it starts without the driver" daemon
sleep 0.5
isnt "the camera is off while nobody watches" grep -q 'camera on' "$work/said"
is "an application gets pictures" runs "$work/reader" /dev/video0 20 "$work/a.raw"
is "of the camera" white "$work/a.raw"
is "and the camera goes off" says 'nobody watches'
starts "$work/reader" /dev/video0 60 "$work/a.raw"; a=$!
starts ffmpeg -v fatal -nostdin -f v4l2 -pixel_format yuv420p -i /dev/video0 -frames:v 50 -c copy -f rawvideo -y "$work/b.raw"; b=$!
is "two at once, the first" wait $a
is "and the second, of another format" wait $b
is "both see it" white "$work/a.raw"
is "both of them" test "$(stat -c %s "$work/b.raw")" = $((50 * 320 * 180 * 3 / 2))
is "as it is" python3 -c 'import sys; b = open(sys.argv[1], "rb").read(); n = 320 * 180 * 3 // 2
sys.exit(sum(b[at] > 230 for at in range(0, len(b), n)) < 5)' "$work/b.raw"

# The process of scrim run that serves one application stands still; the cut does not wait for it.
rm "$work"/*.raw
starts "$work/reader" /dev/video0 100000 "$work/b.raw" 2>"$work/held"; held=$!
starts "$work/reader" /dev/video0 150 "$work/a.raw"; a=$!
server() { pgrep -P "$(pgrep -P $held)" scrim; }
both() { white "$work/a.raw" 2 && white "$work/b.raw" 2; } >/dev/null
is "two watch" within 50 both
is "one is held up" kill -STOP "$(server)"
policy "[region porch/all]" "polygon = 0,0 1,0 1,1 0,1"
began=$(date +%s%N)
kill -HUP $daemon
is "what tightens is applied" says 'policy was read again'
took=$((($(date +%s%N) - began) / 1000000))
is "though one application stands still ($took ms)" test $took -lt 3000
is "the other goes on" wait $a
is "and sees what is covered" python3 -c 'import sys; b = open(sys.argv[1], "rb").read(); n = 320 * 180 * 2
white = [at // n for at in range(0, len(b), n) if b[at] > 200]
print(f"white until {max(white)} of {len(b) // n}")
sys.exit(max(white) > len(b) // n - 9)' "$work/a.raw"
kill -CONT "$(server)"
isnt "who stood still gets no more pictures" wait $held
is "and is told so" grep -q 'no more pictures\|DQBUF' "$work/held"

is "another one is as welcome as the first" runs "$work/reader" /dev/video0 5 "$work/a.raw"
for _ in 1 2 3 4 5 6 7 8; do
	starts sleep "20.$$"; some+=("$!")
done
all_sleep() { [ "$(pgrep -c -f "^sleep 20.$$")" -ge 8 ]; }
is "eight at once are" within 100 all_sleep
is "which the status says" sh -c "'$scrim' status porch --run '$work' --policy '$work/porch.conf' | grep -q '0 watching, 8 of 8 places taken'"
is "a ninth is welcome, since they do not watch" runs true 2>"$work/ninth"
kill "${some[@]}"; wait "${some[@]}" 2>/dev/null
is "they make room" within 50 runs true 2>"$work/ninth"

rm -f "$work/c.raw"
starts "$work/reader" /dev/video0 100000 "$work/c.raw" 2>"$work/end"; a=$!
is "somebody watches" within 50 test -s "$work/c.raw"
policy "readers = root 60001" "[region porch/all]" "polygon = 0,0 1,0 1,1 0,1"
kill -HUP $daemon
is "a policy that names the user is taken" says "readers"
is "who is named may come" runs true
policy "readers = 60001" "[region porch/all]" "polygon = 0,0 1,0 1,1 0,1"
kill -HUP $daemon
isnt "whom the policy no longer names gets no more pictures" wait $a
isnt "and does not get in again" runs true 2>"$work/denied"
is "which is said" grep -q 'is not among its readers, who are: 60001' "$work/denied"
kill -KILL $daemon; wait $daemon 2>/dev/null
policy
is "it starts again" daemon

rm -f "$work/c.raw"
starts "$work/reader" /dev/video0 100000 "$work/c.raw" 2>"$work/end"; a=$!
is "one more watches" within 50 test -s "$work/c.raw"
kill -KILL $daemon; wait $daemon 2>/dev/null
isnt "when scrimd is killed the application's camera ends" wait $a
is "which is said" grep -q 'no more pictures\|DQBUF' "$work/end"
exit $failed
