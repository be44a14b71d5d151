#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A real scrimd, without driver and camera, and those who ask it: how it fares, another
# policy, who may.  What pictures do of it is in tests/vm/guest/live-control.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
scrim=${SCRIM:-build/bin/scrim}
scrimd=${SCRIMD:-build/bin/scrimd}
work=$(TMPDIR=/tmp mktemp -d) || exit
conf=$work/policy/porch.conf
at=(--policy "$work/policy" --run "$work/run")
daemon=
trap '[ -z "$daemon" ] || kill -9 $daemon; rm -rf "$work"' EXIT
mkdir "$work/policy" "$work/run"
chmod 755 "$work" "$work/run"
plain="faces = show
detector = none"

# policy LINE...: of [camera porch], and what follows it.
policy() {
	printf '[camera porch]\npurpose = see who rings\nclass = doorbell\ndevice = file:%s\n' "$work/clip.mp4" >"$conf.new"
	printf '%s\n' "$@" >>"$conf.new"
	mv "$conf.new" "$conf"
}
# ends STATUS WORDS COMMAND...: with this status, and says that.
ends() {
	local status=$1 words=$2 got; shift 2

	timeout 60 "$@" >"$work/said" 2>&1
	got=$?
	[ $got = "$status" ] && grep -q -e "$words" "$work/said" && return
	echo "status $got: $(cat "$work/said")"
	return 1
}
said() { grep -q -e "$1" "$work/said" || { cat "$work/said"; return 1; }; }
# says WORDS [TIMES]: waits for scrimd to say that (so often).
says() {
	local _

	for _ in $(seq 100); do
		[ "$(grep -c -e "$1" "$work/log")" -lt "${2:-1}" ] || return 0
		sleep 0.1
	done
	cat "$work/log"
	return 1
}
begin() {
	"$scrimd" --camera porch --feed null "${at[@]}" >>"$work/log" 2>&1 &
	daemon=$!
	says "ready" "${1:-1}"
}
json() { "$scrim" status porch "${at[@]}" --json >"$work/json"; jq -e "$1" "$work/json" >/dev/null || { jq -c . "$work/json"; return 1; }; }

# Without a daemon.
: >"$work/log"
policy "$plain"
is "status of a camera that does not run says what to type" ends 3 'systemctl start scrim@porch' "$scrim" status "${at[@]}"
is "and why it has it" said 'see who rings (doorbell)'
is "a camera that is nowhere is an error" ends 2 'there is no \[camera door\]' "$scrim" status door "${at[@]}"
is "so is one word too many" ends 2 'too many words' "$scrim" status porch door "${at[@]}"
is "cameras has a line for each" ends 0 '^porch  *-  *not running  *file:' "$scrim" cameras "${at[@]}"
is "as JSON" ends 0 '"state": "not running"' "$scrim" cameras "${at[@]}" --json
is "a shutter is on or off" ends 2 'say on or off' "$scrim" shutter porch "${at[@]}"
is "that of a camera that does not run does not move" ends 1 'does not run.*readers get black' "$scrim" shutter on "${at[@]}"
is "applying a policy to one that does not run is nothing" ends 0 'reads the policy when it starts' "$scrim" policy apply "${at[@]}"
is "by name it is a failure" ends 1 'systemctl start scrim@porch' "$scrim" policy apply porch "${at[@]}"
is "limits are printed" ends 3 'No detector finds every face' "$scrim" status "${at[@]}" --limits
is "without policies status says so" ends 3 'cannot open .*none' "$scrim" status --policy "$work/none" --run "$work/run"
is "without any command it is status" ends 3 'this machine' "$scrim"

if [ -z "$(command -v ffmpeg)" ] || [ -z "$(command -v jq)" ]; then
	skip "scrimd answers" "there is no ffmpeg or no jq"
	exit "$failed"
fi
ffmpeg -v error -nostdin -y -f lavfi -i testsrc2=size=320x180:rate=30:duration=1 -pix_fmt yuv420p "$work/clip.mp4"
is "scrimd starts" begin
is "a second one for the same camera does not" ends 1 'another scrimd runs' "$scrimd" --camera porch --feed null "${at[@]}"
says "camera on"
is "status has its state" json '.cameras[0].state == "shows"'
is "its process" json ".cameras[0].daemon.pid == $daemon"
is "its format and rate" json '.cameras[0].daemon | .width == 320 and .height == 180 and .format == "YU12" and .rate_millihertz == 30000'
sleep 1
is "frames, none of them covered whole" json '.cameras[0].daemon | .frames > 0 and .whole == 0 and .restarts == 0'
is "its policy" json '.cameras[0].policy | .purpose == "see who rings" and .class == "doorbell" and .faces == "show" and .detector == "none"'
is "that faces are shown, as a leak" json '[.leaks[] | select(.camera == "porch") | .text] | index("faces are shown, as its policy says")'
is "and that nobody sees it, as a doubt" json '(.well | not) and ([.doubts[].text] | any(test("--feed null")))'
is "for people too" ends 3 '^camera porch: shows, shown to nobody' "$scrim" status "${at[@]}"
is "without colours where there is no terminal" sh -c "! grep -q '$(printf '\033')' '$work/said'"
is "with how its pictures go" said '^  path  *copied (zero-copy = no)$'
is "a feed for nobody has no shutter" ends 1 'no shutter' "$scrim" shutter on porch "${at[@]}"

# Policies.
# is_so EXPRESSION: after a while.
is_so() {
	local _

	for _ in $(seq 100); do
		! json "$1" >/dev/null || return 0
		sleep 0.1
	done
	json "$1"
}
policy "$plain" "zero-copy = yes"
is "to trust the camera's driver loosens" ends 4 '^LOOSENS   porch: zero-copy' "$scrim" policy apply "${at[@]}"
is "it can be accepted" ends 0 'is in force' "$scrim" policy apply --accept "${at[@]}"
is "pictures of a file are copied all the same, and it is said why" is_so \
	'.cameras[0].daemon | .path == "copied" and .path_why == "the camera is no V4L2 node"'
policy "$plain"
is "not to trust it tightens" ends 0 '^TIGHTENS  porch: zero-copy' "$scrim" policy apply "${at[@]}"
policy "$plain" "[region porch/all]" "polygon = 0,0 1,0 1,1 0,1"
is "what tightens is applied" ends 0 '^TIGHTENS  porch: region all' "$scrim" policy apply "${at[@]}"
is "that it is in force is said" said '^porch: the policy is in force'
is "scrimd writes down who it was" says "the policy was read again, by user $(id -u)"
is "and what changed" says 'TIGHTENS region all: '
is "status has the region" json '.cameras[0].policy.regions == 1'
policy "$plain" "[region porch/all]" "polygon = 0,0 1,0 1,1 0,1" "method = mosaic"
is "what loosens is refused" ends 4 '^LOOSENS   porch: region all' "$scrim" policy apply porch "${at[@]}"
is "with what to say" said 'if that is meant: --accept'
is "nothing has changed" json '.cameras[0].policy.undone == 0'
kill -HUP "$daemon"
is "a signal is refused too, with what to type" says 'scrim policy apply --accept porch; the old policy stays'
is "nothing has changed" json '.cameras[0].policy.undone == 0'
is "as JSON it is refused, with its changes" ends 4 '"verdict": "LOOSENS"' "$scrim" policy apply "${at[@]}" --json
is "accepted it is applied" ends 0 'is in force' "$scrim" policy apply --accept "${at[@]}"
is "what can be undone is counted" json '.cameras[0].policy.undone == 1'
is "and said" json '[.leaks[].text] | any(test("mosaic and blur can be undone"))'
json '.cameras[0].state == "shows"' && worker=$(jq '.cameras[0].daemon.worker' "$work/json")
is "the same again is no change" ends 0 'is in force' "$scrim" policy apply "${at[@]}" porch
is "and the camera goes on" json ".cameras[0].daemon.worker == ${worker:-0}"
policy "$plain" "facse = fill"
is "a mistake is found before scrimd is asked" ends 2 "porch.conf:7: unknown key 'facse'" "$scrim" policy apply "${at[@]}"
kill -HUP "$daemon"
is "scrimd finds it as well, and keeps the old policy" says "porch.conf:7: unknown key 'facse'.*the old policy stays"
mkdir "$work/other"
sed /facse/d "$conf" >"$work/other/porch.conf"
is "and tells who asks" ends 1 "porch.conf:7: unknown key 'facse'" "$scrim" policy apply --policy "$work/other" --run "$work/run" porch
is "status says that what is on disk is wrong" ends 3 'unknown key' "$scrim" status "${at[@]}"
is "the camera is still there" json '.cameras[0].state == "shows" and .cameras[0].policy.undone == 1'
policy "$plain" "[region porch/all]" "polygon = 0,0 1,0 1,1 0,1"
is "a camera that the policy does not have is refused" ends 2 'there is no \[camera door\]' "$scrim" policy apply door "${at[@]}"

# Who may.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	stranger=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	cp "$scrim" "$work/scrim"	# from where a stranger may run it
	chmod 644 "$conf"
	chmod 755 "$work/policy"
	is "a stranger is told why not, and what root types" \
		ends 1 'you are not in group scrim; as root: adduser' "${stranger[@]}" "$work/scrim" shutter on porch "${at[@]}"
	chmod 666 "$work/run/porch"
	is "by scrimd itself where he can reach it" \
		ends 1 'user 65534 is not in group scrim' "${stranger[@]}" "$work/scrim" shutter on porch "${at[@]}"
	is "he changes nothing" ends 1 'user 65534 is not in group scrim' "${stranger[@]}" "$work/scrim" policy apply porch "${at[@]}"
	chmod 660 "$work/run/porch"
else
	skip "a stranger is told why not, and what root types" "only root can be a stranger"
fi

# Nobody who asks holds it up.
stopped=()
for n in 1 2 3 4 5 6 7 8 9 10; do
	"$scrim" status "${at[@]}" >/dev/null 2>&1 &
	sleep "0.00$n"
	kill -STOP $!
	stopped+=($!)
done
is "clients that are stopped while they ask hold up nobody" json '.cameras[0].daemon.frames > 0'
kill -9 "${stopped[@]}"
wait "${stopped[@]}" 2>/dev/null
kill -STOP "$daemon"
is "a daemon that is stopped is said not to answer" ends 3 'does not answer' "$scrim" status "${at[@]}"
kill -CONT "$daemon"
is "and answers when it goes on" json '.cameras[0].scrimd'
files() { find "/proc/$daemon/fd" | wc -l; }
before=$(files)
for _ in $(seq 20); do
	"$scrim" cameras "${at[@]}" >/dev/null
done
is "after many who asked it has as many descriptors as before" test "$(files)" -le "$before"

kill -9 "$daemon"
wait "$daemon" 2>/dev/null
is "of one that was killed its socket is left" test -S "$work/run/porch"
is "and status is not fooled" ends 3 'systemctl start scrim@porch' "$scrim" status "${at[@]}"
is "the next one takes it" begin 2
kill -TERM "$daemon"
wait "$daemon"
is "SIGTERM ends it with status 0" test $? = 0
daemon=
is "and takes the socket away" test ! -e "$work/run/porch"

# The face model is the one that was there when the policy was taken.
model=$(dirname "$scrimd")/../share/scrim/face.onnx
if [ -e "$model" ]; then
	export LOGS_DIRECTORY=$work/logs STATE_DIRECTORY=$work/state
	mkdir "$work/logs" "$work/state"
	cp "$model" "$work/face.onnx"
	first=$(sha256sum <"$work/face.onnx" | cut -d' ' -f1)
	policy "model = $work/face.onnx"
	logged() { "$scrim" log porch --folder "$work/logs" --key "$work/state/log.pub" --json | jq -e "$1" >/dev/null; }
	within() { local _; for _ in $(seq 100); do "$@" >/dev/null && return; sleep 0.1; done; "$@"; }
	is "with a face model it starts" begin 3
	is "which the log names" logged "select(.kind == \"start\") | .fields.model == \"$first\""
	is "it shows" within json '.cameras[0].state == "shows"'
	worker=$(jq '.cameras[0].daemon.worker' "$work/json")
	echo "this is no model" >"$work/face.onnx"
	kill -9 "${worker:-0}"
	is "another worker begins" within json ".cameras[0].daemon | .worker and .worker != $worker and .restarts > 0"
	sleep 1
	is "and reads the model that was, not the file that is" json '.cameras[0] | .state == "shows" and .daemon.restarts == 1'
	is "another file loosens" ends 4 '^LOOSENS   porch: model: the file is another one' "$scrim" policy apply "${at[@]}"
	cat "$model" >"$work/face.onnx"
	is "the same file again is no change" ends 0 'is in force' "$scrim" policy apply "${at[@]}"
	echo "this is no model" >"$work/face.onnx"
	second=$(sha256sum <"$work/face.onnx" | cut -d' ' -f1)
	is "another is taken when that is accepted" ends 0 'is in force' "$scrim" policy apply --accept "${at[@]}"
	is "and the log names it" logged "select(.kind == \"policy\" and .fields.accepted) | .fields.model == \"$second\""
	rm "$work/face.onnx"
	is "one that is gone is not taken" ends 1 'cannot open .*face.onnx' "$scrim" policy apply --accept "${at[@]}"
	kill -TERM "$daemon"
	wait "$daemon"
	is "without it scrimd begins" begin 4
	is "and is black, and says why" within json '.cameras[0] | .state == "black" and (.daemon.why | test("cannot open .*face.onnx"))'
	cp "$model" "$work/face.onnx"
	is "until it is there" within json '.cameras[0].state == "shows"'
	is "which the log has" logged "select(.kind == \"policy\" and .seq > 4) | .fields.model == \"$first\""
	kill -TERM "$daemon"
	wait "$daemon"
	daemon=
else
	skip "the face model is the one that was there" "there is no model"
fi
exit "$failed"
