#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The promises, for a program that scrim run gave its camera: silence is black and never
# stale, a policy that tightens is a cut, and sessions are strangers to each other;
# whatever is stopped or killed in between, as root and as an ordinary user.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
# shellcheck disable=SC2034 # read by tests/run.sh
limit=240

# Ten pictures a second, so that two frame times are long even on a busy machine.  Each bears its
# number; its upper corners are white, and the policy covers the left one.
make_clip() {
	python3 - <<-'END' | ffmpeg -v error -nostdin -y -f rawvideo -pix_fmt gray -s 320x180 -r 10 -i - -c:v libx264 -qp 4 -pix_fmt yuv420p "$1"
		import sys
		for number in range(250):
		    rows = [bytearray(b"\x50" * 320) for _ in range(180)]
		    def fill(x, y, w, h, value):
		        for row in rows[y:y + h]:
		            row[x:x + w] = bytes([value]) * w
		    fill(0, 0, 80, 60, 255)
		    fill(240, 0, 80, 60, 200)
		    fill(140, 70, 40, 40, 200)
		    for bit in range(8):
		        fill(bit * 40 + 4, 146, 32, 28, 200 if number >> (7 - bit) & 1 else 20)
		    sys.stdout.buffer.write(b"".join(rows))
	END
}
policy() {
	printf '[camera run]\npurpose = a test\nfaces = show\ndetector = none\n'
	printf '[region run/left]\npolygon = 0,0 0.25,0 0.25,0.34 0,0.34\n'
	[ $# = 0 ] || printf '[region run/right]\npolygon = 0.75,0 1,0 1,0.34 0.75,0.34\n'
}

# Those who are asked for by signals.
begin() {
	policy >"$work/policy.conf"
	: >"$work/seen"
	"$scrim" run --source "$work/clip.mp4" --policy "$work/policy.conf" -- "$work/watch" /dev/video0 "$raw" >"$work/seen" 2>"$work/said" &
	run=$!
	sees 3 && daemon=$(pgrep -P $run -x scrimd) && program=$(pgrep -P $run -x watch) && storer=$(pgrep -o -P "$daemon")
}
worker() { pgrep -n -P "$daemon"; }
stop() {
	kill -STOP "$1"
	since=$(now_ms)
}
finish() {
	kill "$program" 2>/dev/null
	wait $run
}
frames() { grep -c '^frame .*' "$work/seen"; }
# sees COUNT: so many more frames that show something.
sees() {
	local had now _

	had=$(grep -c '^frame [0-9]* [0-9]' "$work/seen")
	for _ in $(seq 100); do
		now=$(grep -c '^frame [0-9]* [0-9]' "$work/seen")
		[ "$now" -lt $((had + $1)) ] || return 0
		sleep 0.1
	done
	cat "$work/said"
	return 1
}
now_ms() {
	local up

	read -r up _ </proc/uptime
	echo "${up/./}0"
}

# judge PYTHON: a condition, over the frames seen since `since` ms: lists of (ms, number), number
# None for black; and over the words of each line.
judge() {
	python3 - "$work/seen" "$since" "$1" <<-'END'
		import sys
		lines = [line.split() for line in open(sys.argv[1]) if line.endswith("\n")]
		frames = [(int(l[1]), None if l[2] == "black" else int(l[2])) for l in lines if l[0] == "frame" and l[2] != "neither"]
		# What a busy machine may take more; to the millisecond it is the unit tests' matter.
		since, FRAME, SLACK = int(sys.argv[2]), 100, 300
		before = [f for f in frames if f[0] < since]
		after = [f for f in frames if f[0] >= since]
		last = [n for ms, n in before if n is not None][-1]
		late = [f for f in after if f[0] > since + 2 * FRAME + SLACK]
		gaps = [b[0] - a[0] for a, b in zip(after, after[1:])]
		numbers = [n for ms, n in after]
		live = [n for n in numbers if n is not None]
		if not eval(sys.argv[3]):
		    print("since", since, "last", last, "after", after[:30])
		    sys.exit(1)
	END
}
# In all that was seen: a number comes once, until the clip begins again; nothing covered shows.
nothing_stale() {
	awk '$1 == "frame" && $3 ~ /^[0-9]+$/ { if ($3 <= last && $3 > 20) { print last, $0; bad = 1 } last = $3 }
		$3 == "neither" || $4 == "SHOWN" { print; bad = 1 } END { exit bad }' "$work/seen"
}
# No frame came after an error, and the nodes are not to be had.
only_errors() {
	sleep 0.3
	tail -n 3 "$work/seen"
	[ "$(tail -n 3 "$work/seen" | cut -d' ' -f1 | tr '\n' ' ')" = "error node raw " ] && ! grep -q '^[nr].* OPEN$' "$work/seen"
}
ended() {
	local _ pid=$1

	for _ in $(seq 50); do
		[ -d "/proc/$pid" ] || return 0
		sleep 0.1
	done
	ps -o pid,ppid,stat,args -p "$pid"
	return 1
}
# after MARK FIELD WORD: all frames below the mark have that word there.
after() { awk -v mark="$1" -v field="$2" -v word="$3" '$1 == mark { on = 1 } on && $1 == "frame" { n++; if ($field != word) { print; bad = 1 } } END { exit bad || n < 3 }' "$work/seen"; }

# Two sessions try all they can at once, each with bytes of its own; the third only watches.
others() {
	local who=$1 name first

	begin || return
	since=$(now_ms)
	"$scrim" run --source "$work/clip.mp4" --policy "$work/policy.conf" -- "$work/tricks" /dev/video0 161 178 >"$work/one" 2>&1 &
	first=$!
	"$scrim" run --source "$work/clip.mp4" --policy "$work/policy.conf" -- "$work/tricks" /dev/video0 178 161 >"$work/two" 2>&1
	wait $first
	for name in one two; do
		sed -n -E "s/^(ok|not ok) - /&$who: session $name: /p" "$work/$name"
		! grep -q '^not ok' "$work/$name" || failed=1
		is "$who: session $name: its scrimd survives to the end" grep -q '^scrimd: run: ends' "$work/$name"
	done
	is "$who: the third sees its pictures all the time" judge 'len(live) > 20 and max(gaps) <= 5000'
	finish
	is "$who: and nothing else" nothing_stale
}

apply() {
	"$scrim" policy apply "$@" --run "$(tr '\0' '\n' <"/proc/$daemon/cmdline" | tail -n 1)" --policy "$work/policy.conf" run >"$work/applied" 2>&1
}
isnt() { if "${@:2}"; then echo "not ok - $1"; failed=1; else echo "ok - $1"; fi; }

cases() {
	local who

	who="as user $(id -u)"
	is "$who: a program sees its camera" begin || return
	stop "$(worker)"
	sleep 1.2
	is "$who: the worker stands still: black within two frame times" judge 'late and not [n for ms, n in late if n is not None]'
	is "$who: and at the nominal rate" judge 'len(late) >= 3 and max(gaps) <= 2 * FRAME + SLACK'
	since=$(now_ms)
	kill -CONT "$(worker)"
	is "$who: it goes on: pictures come again" sees 5

	since=$(now_ms)
	kill -KILL "$(worker)"
	is "$who: the worker is killed: another one works" sees 3
	is "$who: which begins anew, not with what was seen last" judge 'None in numbers and [n for n in numbers[numbers.index(None):] if n is not None][0] < 5 < last'

	since=$(now_ms)
	for _ in 1 2 3; do kill -STOP "$(worker)"; sleep 0.5; kill -CONT "$(worker)"; sleep 0.15; done
	is "$who: a worker that is slow leaves no gap" judge 'max(gaps) <= 2 * FRAME + 2 * SLACK and None in [n for ms, n in after]'

	stop "$daemon"
	sleep 1.5
	is "$who: the daemon stands still: no picture" judge 'not late'
	kill -CONT "$daemon"
	sees 3
	is "$who: it goes on: none of before is seen" judge 'min(live[-3:]) > last + 8'

	stop "$storer"
	sleep 1.5
	kill -CONT "$storer"
	sees 3
	is "$who: who stores stood still: none of before is seen" judge '[n for n in live if n > last + 1] and min(n for n in live if n > last + 3) > last + 8'

	policy tight >"$work/policy.conf"
	is "$who: a policy that tightens is taken" apply
	kill -USR1 "$program"
	sees 4
	is "$who: no frame comes under the old one when that is said" after mark 5 hidden
	policy >"$work/policy.conf"
	isnt "$who: one that loosens is not, since the program itself could have asked" apply --accept
	sees 4
	is "$who: no frame shows it" after mark 5 hidden
	kill -USR2 "$program"
	sleep 0.6
	is "$who: a closed shutter is black at once" after shutter 3 black
	finish
	is "$who: no picture came twice, nothing covered was shown" nothing_stale
	is "$who: before that, it was to be seen" grep -q '^frame .* shown$' "$work/seen"

	begin
	kill -KILL "$storer"
	is "$who: who stores is killed: the program gets errors" ended "$program"
	is "$who: and no camera, nor the raw one" only_errors
	is "$who: the daemon ends" ended "$daemon"
	wait $run

	begin
	kill -KILL "$daemon"
	is "$who: the daemon is killed: the program gets errors" ended "$program"
	is "$who: and no camera, nor the raw one" only_errors
	is "$who: no process is left" ended "$storer"
	wait $run

	begin
	kill -KILL $run
	wait $run 2>/dev/null
	is "$who: the supervisor is killed: the program gets errors" ended "$program"
	is "$who: and no camera, nor the raw one" only_errors
	is "$who: the daemon ends" ended "$daemon"
	is "$who: no process is left" ended "$storer"
	is "$who: nothing covered was shown" nothing_stale

	others "$who"
}

if [ "${1-}" = as ]; then
	work=$2 scrim=$3 raw=$4
	cases
	exit $failed
fi
work=$(TMPDIR=/tmp mktemp -d) || exit
raw=/dev/video63
away() {
	rm -rf "$work"
	[ -z "${made-}" ] || rm -f "$made"
}
trap away EXIT
# What another user can reach, wherever it was built.
mkdir "$work/bin" "$work/own"
cp "$(dirname "${SCRIM:-build/bin/scrim}")"/{scrim,scrimd} "$work/bin/"
cp -r "$(dirname "${SCRIM:-build/bin/scrim}")/../lib" "$work/lib"
cp -r tests "$work/tests"
rm -rf "$work"/lib/*.a
make_clip "$work/clip.mp4"
for name in watch tricks; do
	gcc -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -static -o "$work/$name" "tests/wrap/$name.c" || exit
done
if ! "$work/bin/scrim" run --explain >"$work/explained" 2>&1; then
	skip "promises hold in a session" "$(tail -n 1 "$work/explained")"
	exit 0
fi
[ "$(id -u)" != 0 ] || ! raw_node || made=$raw
chmod -R a+rX "$work"
for user in "$(id -u)" 1000; do
	if [ "$user" = "$(id -u)" ]; then
		as=
	elif [ "$(id -u)" = 0 ] && ! may_mount "$user"; then
		skip "promises hold for user $user" "$why"
		continue
	elif [ "$(id -u)" = 0 ]; then
		as="setpriv --reuid=$user --regid=$user --clear-groups"
	else
		continue
	fi
	chown "$user" "$work/own" 2>/dev/null
	cp "$work/clip.mp4" "$work/watch" "$work/tricks" "$work/own/"
	chmod -R a+rX "$work/own"
	# shellcheck disable=SC2086 # words
	TMPDIR=/tmp $as "$work/tests/run/wrap_promises.sh" as "$work/own" "$work/bin/scrim" "$raw" || failed=1
	rm -f "$work"/own/*
done
exit $failed
