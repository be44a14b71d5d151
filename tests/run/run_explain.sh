#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# scrim run --explain says what it tried, and no more: who has the raw camera, what other programs
# of the user can do, which cameras scrimd gives whom.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
scrim=$(realpath "${SCRIM:-build/bin/scrim}") || exit
scrimd=$(dirname "$scrim")/scrimd
work=$(TMPDIR=/tmp mktemp -d) || exit
children=()
away() {
	[ ${#children[@]} = 0 ] || kill "${children[@]}" 2>/dev/null
	wait
	[ -z "${made-}" ] || rm -f "$made"
	rm -rf "$work"
}
trap away EXIT
isnt() { if "${@:2}"; then echo "not ok - $1"; failed=1; else echo "ok - $1"; fi; }
within() { # TENTHS COMMAND...
	local _; for _ in $(seq "$1"); do "${@:2}" && return; sleep 0.1; done; return 1
}
# explained: into the file; what of it JQ says is true.
explained() { "$scrim" run --explain --json --run "$work" >"$work/json" 2>"$work/said"; }
true_that() { jq -e "$1" "$work/json" >"$work/jq" || { cat "$work/json"; return 1; }; }
# The same as an ordinary user, who can reach the program wherever it was built.
as_user() {
	setpriv --reuid=1000 --regid=1000 --clear-groups "$work/bin/scrim" run --explain --json --run "$work" >"$work/json" 2>"$work/said"
}

if [ ! -e /dev/fuse ] || ! explained; then
	skip "scrim run explains what it enforces" "$(tail -n 1 "$work/said" 2>/dev/null || echo "this kernel has no FUSE")"
	exit 0
fi
is "a camera can be had" true_that '.session and .landlock > 0 and .why_no_session == null'
is "no descriptor is taken from outside, but one can be passed" \
	true_that '.take_descriptor_refused and .pass_descriptor_refused == false'
is "nothing is shared" true_that '.shared == []'
(unset XDG_RUNTIME_DIR; explained)
is "there is no PipeWire" true_that '.pipewire_reached == null'
is "--json is for --explain" test "$("$scrim" run --json true 2>&1; echo $?)" = "scrim: run: --json is how --explain says it
2"

# A camera that is shared, one that is fed elsewhere, and one whose scrimd has ended.
ffmpeg -v error -nostdin -y -f lavfi -i color=white:size=320x180:rate=30:duration=1 -pix_fmt yuv420p "$work/clip.mp4"
for name in porch hall; do
	printf '[camera %s]\npurpose = a test\ndevice = file:%s\nfaces = show\ndetector = none\n' $name "$work/clip.mp4"
done >"$work/all.conf"
"$scrimd" --run "$work" --camera porch --policy "$work/all.conf" --feed share 2>"$work/porch.said" &
children+=($!)
"$scrimd" --run "$work" --camera hall --policy "$work/all.conf" --feed null 2>"$work/hall.said" &
children+=($!)
python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).bind(sys.argv[1])' "$work/gone"
serve() { [ -S "$work/porch" ] && [ -S "$work/hall" ]; }
within 50 serve
gives() { explained && jq -e '.shared[0].given' "$work/json" >"$work/jq"; }
is "a camera that scrimd shares is given" within 50 gives
is "with its size, and no other is" true_that '.shared == [{"camera": "porch", "given": true, "width": 320, "height": 180, "why": null}]'
is "the camera stays off" test "$(grep -c 'camera on' "$work/porch.said")" = 0
for _ in 1 2 3 4 5 6 7 8 9; do explained; done
is "as often as it is asked" true_that '.shared[0].given'
"$scrim" run --explain --run "$work" >"$work/text"
is "and is named with what to type" grep -qx '  porch: 320x180, with --camera porch' "$work/text"

if [ "$(id -u)" != 0 ] || ! raw_node; then
	skip "who has a raw camera is named" "only root can make a node to try"
	exit $failed
fi
made=$raw
of_ours=".nodes |= map(select(.node == \"$raw\")) | .holders |= map(select(.node == \"$raw\"))"
explained
# This machine may have cameras of its own: what follows is of ours.
is "nobody has the raw camera" true_that "$of_ours | .holders == []"
is "it is refused, and other programs can open it" \
	true_that "$of_ours | .nodes == [{node: \"$raw\", refused: true, why: \"Permission denied\", others_can: true}]"
# PipeWire's socket is any that listens there; what it has open is a process of that name.
cp "$(command -v sleep)" "$work/pipewire"
mkdir "$work/user"
python3 -c 'import socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen()
time.sleep(60)' "$work/user/pipewire-0" &
children+=($!)
within 50 test -S "$work/user/pipewire-0"
XDG_RUNTIME_DIR=$work/user "$scrim" run --explain --run "$work" >"$work/text"
XDG_RUNTIME_DIR=$work/user explained
is "PipeWire is reached" true_that '.pipewire_reached'
is "PipeWire may open it" grep -qE "PipeWire, which has .*, and may open /dev/" "$work/text"
"$work/pipewire" 60 <"$raw" &
children+=($!)
has_it() { explained && jq -e "$of_ours | .holders == [{\"process\": ${children[-1]}, \"program\": \"pipewire\", \"node\": \"$raw\"}]" "$work/json" >"$work/jq"; }
is "who has it open is named" within 20 has_it
XDG_RUNTIME_DIR=$work/user "$scrim" run --explain --run "$work" >"$work/text"
is "PipeWire has it open" grep -q "PipeWire, which has $raw open\$" "$work/text"

mkdir "$work/bin"
cp "$scrim" "$work/bin/"
chmod 755 "$work"
as_user
is "an ordinary user sees that others' processes are hidden" true_that "$of_ours | .hidden_processes > 0 and .holders == []"
is "and is told what is missing for the shared camera" true_that '.shared[0].given == false and (.shared[0].why | test("group scrim"))'
chmod 600 "$raw"
as_user
is "what its mode refuses no program of the user can open" true_that "$of_ours | .nodes[0].refused and (.nodes[0].others_can | not)"
exit $failed
