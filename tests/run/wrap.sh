#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# scrim run: programs of all kinds get the covered camera, and no way leads to a raw one.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
scrim=$(realpath "${SCRIM:-build/bin/scrim}") || exit
data=${SCRIM_DATA:-build/data}
work=$(TMPDIR=/tmp mktemp -d) || exit
chmod 755 "$work"
away() {
	[ -z "${outsider-}" ] || kill "$outsider"
	[ -z "${made-}" ] || rm -f "$made"
	rm -rf "$work"
}
trap away EXIT

if [ ! -e /dev/fuse ]; then
	skip "scrim run gives programs a camera" "this kernel has no FUSE"
	exit 0
fi
if ! "$scrim" run --explain >"$work/explained" 2>&1; then
	skip "scrim run gives programs a camera" "$(tail -n 1 "$work/explained")"
	exit 0
fi
is "it says what is enforced here" grep -q '^  yes' "$work/explained"
isnt() { if "${@:2}"; then echo "not ok - $1"; failed=1; else echo "ok - $1"; fi; }
isnt "and nothing that should be is not" grep -q '^  NO' "$work/explained"

# A clip of a photo with faces, and a policy that also fills a quarter of it.
ffmpeg -v error -nostdin -y -loop 1 -i "$data/photos/sample1.jpg" -vf scale=640:360 -t 2 -r 10 -pix_fmt yuv420p "$work/clip.mp4"
printf '[camera run]\npurpose = a test\nfaces = show\ndetector = none\n[region run/corner]\npolygon = 0,0 0.5,0 0.5,0.5 0,0.5\n' >"$work/corner.conf"
wrapped() { timeout 60 "$scrim" run --source "$work/clip.mp4" --policy "$work/corner.conf" "$@" 2>"$work/said"; }
# The corner of each picture is black, and something else somewhere is not.
corner() {
	python3 - "$1" <<-'END'
		import sys
		bytes = open(sys.argv[1], "rb").read()
		size, live = 640 * 360 * 2, 0
		for at in range(0, len(bytes) - size + 1, size):
		    for y in range(0, 180, 20):
		        row = bytes[at + y * 1280:at + y * 1280 + 640]
		        if set(row[::2]) not in ({0}, {16}):
		            sys.exit("a picture shows its corner")
		    live += len(set(bytes[at + 300 * 1280:at + 301 * 1280:2])) > 9
		sys.exit(0 if live else "nothing is shown at all")
	END
}

is "ffmpeg reads it" wrapped -- ffmpeg -v error -nostdin -f v4l2 -pixel_format yuyv422 -i /dev/video0 -frames:v 40 -c copy -f rawvideo -y "$work/ffmpeg.raw"
is "and gets what the policy shows, and no more" corner "$work/ffmpeg.raw"
is "another format is another" wrapped -- ffmpeg -v error -nostdin -f v4l2 -pixel_format yuv420p -i /dev/video0 -frames:v 5 -f null -
gcc -O2 -Wall -Wextra -Werror -static -o "$work/reader" tests/wrap/reader.c
is "a static program reads it" wrapped -- "$work/reader" /dev/video0 40 "$work/static.raw"
is "and gets the same" corner "$work/static.raw"
is "by a name that is nowhere else" wrapped --as /dev/v4l/by-id/porch -- "$work/reader" /dev/v4l/by-id/porch 1 "$work/one.raw"
# A camera that is nowhere, for those who look before they open: only if this machine has none there.
is "a camera that is not there is a node to who looks" wrapped --as /dev/video40 -- test -c /dev/video40
is "a descriptor of it, too" wrapped --as /dev/video40 -- sh -c 'test "$(stat -c %t:%T - </dev/video40)" = 51:28'
is "and it is listed" wrapped --as /dev/video40 -- sh -c 'ls /dev | grep -qx video40'
is "as often as somebody lists" wrapped --as /dev/video40 -- sh -c 'test "$(ls /dev /dev/. | grep -cx video40)" = 2'
is "nothing else is" wrapped --as /dev/video40 -- sh -c '! test -e /dev/video41'
wrapped -- sh -c 'exit 42'
is "the program's exit status is ours" test $? = 42
wrapped -- sh -c 'kill -KILL $$'
is "and so is its signal" test $? = 137
wrapped -- /none/such
is "a program that is not there is 127" test $? = 127

# Whoever reads what is said may leave, and the program has its own word on that.
"$scrim" run --source "$work/clip.mp4" --policy "$work/corner.conf" -- "$work/reader" /dev/video0 30 "$work/pipe.raw" 2>&1 | true
is "who reads the messages may leave" test "${PIPESTATUS[0]}" = 0
is "and all pictures arrive" test "$(stat -c %s "$work/pipe.raw")" = $((30 * 640 * 360 * 2))
wrapped -- bash -c 'yes | true; exit ${PIPESTATUS[0]}'
is "a pipe ends the program as it always did" test $? = 141

# What is sent to scrim run is for the program.
started() { # SCRIPT
	rm -f "$work/up"
	env --default-signal "$scrim" run --source "$work/clip.mp4" --policy "$work/corner.conf" -- \
		bash -c "$1; touch $work/up; for _ in {1..99}; do sleep 0.1; done" 2>"$work/said" &
	run=$!
	within_10s test -e "$work/up"
}
within_10s() { local _; for _ in $(seq 100); do "$@" && return; sleep 0.1; done; return 1; }
passed_on() { # SIGNAL
	started "trap 'exit 9' $1" || return
	kill "-$1" $run
	wait $run
	test $? = 9
}
for signal in TERM HUP INT QUIT USR1 USR2 ALRM PIPE ABRT RTMIN; do
	is "$signal is passed on to the program" passed_on $signal
done
# folder_of: of the socket of the scrimd of $run.
folder_of() { tr '\0' '\n' <"/proc/$(pgrep -P $run -x scrimd)/cmdline" | grep '^/tmp/scrim-run-'; }
leaves_nothing() {
	local folder

	started : && folder=$(folder_of) && [ -S "$folder/run" ] || return
	pkill -KILL -P $run -x scrimd
	kill -TERM $run
	wait $run
	test $? = 143 && ! [ -e "$folder" ]
}
is "a scrimd that was killed leaves no folder behind" leaves_nothing
# A camera that never answers.
python3 -c 'import socket, sys, time
s = socket.create_server(("127.0.0.1", 0)); open(sys.argv[1], "w").write(str(s.getsockname()[1])); time.sleep(60)' "$work/port" &
silent=$!
ends_at_once() { # SIGNAL STATUS
	local folder since=$SECONDS

	env --default-signal "$scrim" run --source "rtsp://127.0.0.1:$(cat "$work/port")/" --policy "$work/corner.conf" true 2>"$work/said" &
	run=$!
	within_10s folder_of >"$work/folder" && sleep 0.5 || return
	kill "-$1" $run
	wait $run
	test $? = "$2" && [ $((SECONDS - since)) -lt 8 ] && ! [ -e "$(tail -n 1 "$work/folder")" ]
}
if within_10s test -s "$work/port"; then
	is "who looks for a camera can be interrupted" ends_at_once INT 130
	is "and be ended" ends_at_once TERM 143
fi
kill $silent
timeout 20 "$scrim" run --source /none/such true 2>"$work/said"
is "a source that is not there is an error" grep -q '^scrim: cannot open /none/such: ' "$work/said"

# As root we can make a node that would open, and have somebody outside who helps.
if [ "$(id -u)" != 0 ] || ! raw_node; then
	skip "no way leads to a raw camera" "only root can make a node to try"
	exit $failed
fi
made=$raw
gcc -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -o "$work/attack" tests/wrap/attack.c
gcc -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -o "$work/outsider" tests/wrap/outsider.c
"$work/outsider" "$raw" "$work/gate" >"$work/outsider.pid" &
outsider=$!
for _ in $(seq 50); do [ -S "$work/gate" ] && break; sleep 0.1; done
chmod 777 "$work/gate"
"$work/attack" "$raw" $outsider "$work/gate" 1 8 8<"$raw" >"$work/open"
is "without it, most ways are open" test "$(grep -c OPEN "$work/open")" -ge 10
wrapped -- "$work/attack" "$raw" $outsider "$work/gate" 10 8 8<"$raw" >"$work/closed"
cat "$work/closed"
only_accomplices() {
	[ "$(grep OPEN "$1")" = "$(grep '^SCM_RIGHTS' "$1")" ] && [ "$(wc -l <"$1")" = "$(wc -l <"$work/open")" ]
}
is "with it, one way is: somebody outside passes a descriptor" only_accomplices "$work/closed"
# An ordinary user, who has fewer ways: they are the same.
if ! may_mount 1000; then
	skip "nor are there others for an ordinary user" "$why"
	exit $failed
fi
mkdir "$work/bin"
cp "$(dirname "$scrim")"/{scrim,scrimd} "$work/bin/"
cp -r "$(dirname "$scrim")/../lib" "$work/lib"
chmod -R a+rX "$work"
chmod 777 "$work/gate"
TMPDIR=/tmp timeout 60 setpriv --reuid=1000 --regid=1000 --clear-groups "$work/bin/scrim" run --source "$work/clip.mp4" --policy "$work/corner.conf" \
	-- "$work/attack" "$raw" $outsider "$work/gate" 5 8 8<"$raw" >"$work/user" 2>"$work/said"
cat "$work/user"
is "nor are there others for an ordinary user" only_accomplices "$work/user"
exit $failed
