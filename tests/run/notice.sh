#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# notice = yes: the badge in pictures as ffmpeg reads them, of files and of a camera that scrim run
# gives to an application; the log has it first; and what it says decides what is exported.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
. tests/consent/persons.sh
scrim=$(realpath "${SCRIM:-build/bin/scrim}") || exit
scrimd=$(realpath "${SCRIMD:-build/bin/scrimd}") || exit
here=$PWD/tests/consent
work=$(TMPDIR=/tmp mktemp -d) || exit
chmod 755 "$work"
trap 'stop; rm -rf "$work"' EXIT
export XDG_STATE_HOME=$work/state HOME=$work
daemon=

ffmpeg -v error -nostdin -y -f lavfi -i color=white:size=320x180:rate=30:duration=1 -pix_fmt yuv420p "$work/clip.mp4"
policy() {
	printf '[camera room]\npurpose = a test\nclass = meeting\ndevice = file:%s\nfaces = show\ndetector = none\n' "$work/clip.mp4" >"$work/room.new"
	printf '%s\n' "$@" >>"$work/room.new"
	mv "$work/room.new" "$work/room.conf"
}
# badge FILE PIXELS WIDTH HEIGHT POINT: how many raw pictures have it, and how many show something.
badge() {
	python3 - "$@" <<-'END'
		import sys
		name, form, width, height, point = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
		rows = """#####################
		#...................#
		#.####..#####..###..#
		#.#...#.#.....#...#.#
		#.#...#.#.....#.....#
		#.####..####..#.....#
		#.#.#...#.....#.....#
		#.#..#..#.....#...#.#
		#.#...#.#####..###..#
		#...................#
		#####################""".split()
		at, step, size = {"gray": (0, 1, 1), "yuv420p": (0, 1, 1.5), "nv12": (0, 1, 1.5),
		                  "yuyv422": (0, 2, 2)}[form]
		size = int(width * height * size)
		data = open(name, "rb").read()
		has = shows = 0
		for start in range(0, len(data) - size + 1, size):
		    luma = data[start + at:start + size:step][:width * height]
		    if max(luma) < 17:
		        continue
		    shows += 1
		    has += all(abs(luma[y * width + x] - (16 if rows[y // point - 1][x // point - 1] == "#" else 235)) < 3
		               for y in range(point, 12 * point) for x in range(point, 22 * point)) and \
		           all(luma[y * width + x] > 200 for y in range(height) for x in range(width)
		               if not (point <= y < 12 * point and point <= x < 22 * point))
		print(has, shows)
	END
}
# all_have AT_LEAST FILE...: every picture that shows something has the badge.
all_have() {
	read -r has shows < <(badge "${@:2}")
	echo "$has of $shows have the badge"
	[ "${shows:-0}" -ge "$1" ] && [ "$has" = "$shows" ]
}
none_has() {
	read -r has shows < <(badge "$@")
	echo "$has of $shows have the badge"
	[ "${shows:-0}" -gt 0 ] && [ "$has" = 0 ]
}

# Files, in what each codec stores.
redacts() { "$scrim" redact -q --policy "$work/room.conf" "$work/clip.mp4" -o "$work/out.mkv" --codec ffv1 --force && ffmpeg -v error -nostdin -y -i "$work/out.mkv" -f rawvideo "$work/out.raw"; }
policy 'notice = yes'
is "a file is redacted" redacts
is "ffmpeg finds the badge in every picture, and nothing else" all_have 25 "$work/out.raw" yuv420p 320 180 2
policy 'notice = yes' '[region room/corner]' 'polygon = 0,0 0.1,0 0.1,0.1 0,0.1'
is "with a region below it" redacts
# A white point of it, and one of the region that it leaves.
luma() { od -An -t u1 -N 1 -j $(($2 * 320 + $1)) "$work/out.raw" | tr -d ' '; }
is "it is over the region" test "$(luma 4 4) $(luma 0 0)" = "235 16"
policy
is "without the key" redacts
is "there is none" none_has "$work/out.raw" yuv420p 320 180 2
sed 's/^class/notice = yes\nclass/' "$work/room.conf" >"$work/a.conf"
is "to turn it off loosens" eval '"$scrim" policy diff "$work/a.conf" "$work/room.conf" | grep "LOOSENS.*notice"'
is "the policy says so" eval '"$scrim" policy show --json "$work/a.conf" | jq -e ".[0].notice == true" && "$scrim" policy show "$work/a.conf" | grep -x "notice = yes"'
policy 'notice = yes' '[region room/corner]' 'polygon = 0,0 0.1,0 0.1,0.1 0,0.1' 'locked = yes'
is "what the kernel would cover it with is an error" eval '! "$scrim" policy check "$work/room.conf" 2>"$work/err" && grep "cover the badge" "$work/err"'

# A camera.
begin() { # FEED
	: >"$work/said"
	mkdir -p "$work/logs" "$work/keys"
	LOGS_DIRECTORY=$work/logs STATE_DIRECTORY=$work/keys "$scrimd" --run "$work" --camera room --policy "$work/room.conf" --feed "$1" 2>"$work/said" &
	daemon=$!
	within 50 test -S "$work/room"
}
stop() {
	[ -z "$daemon" ] || { kill $daemon && wait $daemon; } 2>/dev/null
	daemon=
}
within() { # TENTHS COMMAND...
	local _; for _ in $(seq "$1"); do "${@:2}" && return; sleep 0.1; done; return 1
}
says() { within 100 grep -q -e "$1" "$work/said" || { cat "$work/said"; return 1; }; }
status() { "$scrim" status room --run "$work" --policy "$work/room.conf" "$@"; }
logged() { "$scrim" log room --folder "$work/logs" --key "$work/keys/log.pub" --json | jq -r '.kind + if .kind == "notice" then ":" + (.fields.shown | tostring) else "" end' | paste -sd ' '; }
now() { date -u -d "${1:-now}" +%Y-%m-%dT%H:%M:%SZ; }

policy 'notice = yes'
is "scrimd starts" begin null
is "the notice is shown" says 'the notice is shown'
is "the status says so" eval 'status | grep "^  notice .*shown to who is seen, and in the log"'
is "and for programs" eval 'status --json | jq -e ".cameras[0] | .policy.notice and .daemon.notice_shown"'
sleep 1.1
during=$(now)
sleep 1.1
policy
"$scrim" policy apply room --policy "$work/room.conf" --run "$work" --accept >/dev/null
is "another policy ends it" says 'the notice is no longer shown'
is "which the status says" eval 'status --json | jq -e ".cameras[0] | .policy.notice == false and .daemon.notice_shown == false"'
stop
is "the log has both, in their order" test "$(logged)" = "start notice:true notice:false policy stop"
is "and is whole" "$scrim" verify room --folder "$work/logs" --key "$work/keys/log.pub"

# What is exported.
offer=$work/offer.json
jq '.offer.source_class += ["meeting"]' "$here/campaign.json" >"$offer"
printf '[export]\nallow = yes\n' >"$work/on"
hash=$(jq -r .notice.sha256 "$offer")
"$scrim" consent grant "$offer" --age adult --notice-sha256 "$hash" --applies-before 2026-01-01T00:00:00Z --subject owner >/dev/null 2>&1
apart actor --role participant --applies-before 2026-01-01T00:00:00Z
# explains STATUS FROM UNTIL [OPTION...]
explains() {
	local wanted=$1 got

	jq --arg from "$2" --arg until "$3" '.captured = {from: $from, until: $until} | .camera = "room" | .source_class = "meeting"' \
		"$here/item.json" >"$work/item.json"
	"$scrim" explain "$work/item.json" --campaign "$offer" --to example-vision --settings "$work/on" --logs "$work/logs" \
		--keys "$work/keys" "${@:4}" >"$work/out" 2>&1
	got=$?
	[ $got = "$wanted" ] && return
	echo "status $got, not $wanted: $(cat "$work/out")"
	return 1
}
if [ "$(id -u)" = 0 ]; then
	is "a clip of that time may leave" explains 0 "$during" "$during"
	is "one that began before may not" explains 26 "$(now "$during - 1 hour")" "$during"
	is "and the rule says why" grep -q "has no notice from .* (noconsent.notice)" "$work/out"
	sleep 1				# times are whole seconds
	is "nor may one that went on after it" explains 26 "$during" "$(now)"
	is "nor one of a camera without a log" explains 26 "$during" "$during" --logs "$work/keys"
	is "which is said" grep -q 'there is no log of the camera .*noconsent.notice-unknown' "$work/out"
	cp "$work/logs/room.log" "$work/kept"
	sed -i '/"notice"/s/false/true/' "$work/logs/room.log"
	is "nor one by a log that was edited" explains 26 "$during" "$during"
	is "which is said as well" grep -q 'is not what was written.*noconsent.notice-log' "$work/out"
	cp "$work/kept" "$work/logs/room.log"
	chmod 666 "$work/keys/log.pub"
	is "keys that anybody can write are an error" explains 2 "$during" "$during"
	chmod 644 "$work/keys/log.pub"
else
	skip "clips of a meeting" "it needs root, whose keys are believed"
fi

if [ ! -e /dev/fuse ] || ! "$scrim" run --explain >"$work/explained" 2>&1; then
	skip "an application sees the badge" "$(tail -n 1 "$work/explained" 2>/dev/null || echo "this kernel has no FUSE")"
	exit $failed
fi
records() { # FILE FORMAT
	timeout 60 "$scrim" run --camera room --run "$work" -- ffmpeg -v fatal -nostdin -f v4l2 -pixel_format "$2" -i /dev/video0 -frames:v 40 -c copy -f rawvideo -y "$1"
}
rm -rf "$work/logs"
policy 'notice = yes'
is "a camera is shared" begin share
for form in yuyv422 yuv420p; do
	is "an application records $form" records "$work/a.raw" $form
	is "all that it sees has the badge" all_have 5 "$work/a.raw" $form 320 180 2
done
is "the notice ends when nobody watches" says 'no longer shown'
stop
is "the log has each" test "$(logged)" = "start notice:true notice:false notice:true notice:false stop"
rm -rf "$work/logs" && mkdir "$work/logs" && mkdir "$work/logs/room.log"
is "a log that cannot be written" begin share
is "an application records" records "$work/a.raw" yuv420p
black() { python3 -c 'import sys; b = open(sys.argv[1], "rb").read(); n = 320 * 180 * 3 // 2
sys.exit(not b or any(max(b[at:at + 320 * 180]) > 16 for at in range(0, len(b), n)))' "$work/a.raw"; }
is "and sees nothing" black
is "for that reason" says 'the notice cannot be written down.*; black'
exit $failed
