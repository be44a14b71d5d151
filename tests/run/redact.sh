#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# scrim redact as a person or a script meets it: names, exit statuses, one line
# for each error, and nothing left behind, however it ends.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
: "${SCRIM:=$PWD/build/bin/scrim}" "${SCRIM_DATA:=$PWD/build/data}"
photos=$SCRIM_DATA/photos
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT

# status N COMMAND...: ends with that status; leaves its output in $t/out, $t/err.
status() {
	local want=$1 got; shift

	"$@" >"$t/out" 2>"$t/err"
	got=$?
	[ $got = "$want" ] || { echo "status $got instead of $want: $*"; cat "$t/err"; return 1; }
}

# refused N WORDS COMMAND...: that status, and one line that has the words.
refused() {
	local want=$1 words=$2; shift 2

	status "$want" "$@" && [ "$(wc -l <"$t/err")" = 1 ] && grep -q "^scrim: " "$t/err" &&
		grep -qF -- "$words" "$t/err" || { cat "$t/err"; return 1; }
}

# Nothing in folder $1 but the names that follow.
only() {
	local folder=$1; shift

	[ "$(ls -A "$folder")" = "$(printf '%s\n' "$@" | sort)" ] || { ls -lA "$folder"; return 1; }
}

json() { python3 -c "$1" 2>&1; }

ffmpeg -v error -f lavfi -i testsrc2=s=320x240:r=25:d=2 -f lavfi -i sine=d=2 \
	-c:v libx264 -preset ultrafast -c:a aac "$t/clip.mp4"
ffmpeg -v error -f lavfi -i testsrc2=s=1280x720:r=25:d=40 -c:v libx264 -preset ultrafast "$t/long.mp4"

mkdir "$t/a"
is "a photo" status 0 "$SCRIM" redact "$photos/sample1.jpg" -o "$t/a/one.jpg"
is "a video" status 0 "$SCRIM" redact "$t/clip.mp4" -o "$t/a/clip.mkv"
is "both have the names that were asked for, and nothing else is there" only "$t/a" clip.mkv one.jpg
is "an existing file is not replaced" refused 1 "exists" "$SCRIM" redact "$t/clip.mp4" -o "$t/a/clip.mkv"
is "unless --force says so" status 0 "$SCRIM" redact "$t/clip.mp4" -o "$t/a/clip.mkv" --force
is "--resume leaves out what is done" sh -c "
	before=\$(stat -c %Y.%i '$t/a/one.jpg')
	'$SCRIM' redact '$photos/sample1.jpg' -o '$t/a/one.jpg' --resume &&
	[ \$before = \$(stat -c %Y.%i '$t/a/one.jpg') ]"
cp "$t/clip.mp4" "$t/same.mp4"
is "the input is never overwritten" refused 1 "it is the input" "$SCRIM" redact "$t/same.mp4" -o "$t/same.mp4" --force

is "not even with --resume" refused 1 "it is the input" "$SCRIM" redact "$t/same.mp4" -o "$t/same.mp4" --resume
is "nor by --report" refused 1 "it is an input" "$SCRIM" redact "$t/same.mp4" -o "$t/x.mp4" --report "$t/same.mp4" --force
is "nor a copy by --sheet" refused 1 "it is an output" "$SCRIM" redact "$t/same.mp4" -o "$t/x.png" --sheet "$t/x.png"
is "the input is as it was" cmp -s "$t/clip.mp4" "$t/same.mp4"

mkdir -p "$t/in/deep"
cp "$photos/sample1.jpg" "$t/in/a.jpg"
cp "$photos/sample2.jpg" "$t/in/deep/b.JPG"
cp "$t/clip.mp4" "$t/in/c.mp4"
ffmpeg -v error -i "$t/clip.mp4" -c copy -an -f h264 "$t/in/d.h264"
echo notes >"$t/in/readme.txt"
is "a folder, two jobs, report, sheet, JSON" status 0 \
	"$SCRIM" redact "$t/in" -o "$t/all" --jobs 2 --report "$t/r.json" --sheet "$t/s.png" --json
is "its copies keep their places; what cannot be written as it was becomes .mp4" \
	only "$t/all" a.jpg c.mp4 d.mp4 deep
is "down to the folders below" only "$t/all/deep" b.JPG
is "--json is a JSON object a line" json "
import json
events = [json.loads(l) for l in open('$t/out')]
assert sum(e['event'] == 'done' for e in events) == 4, events
assert events[-1]['event'] == 'end' and events[-1]['failed'] == 0, events[-1]"
is "the report says for every frame what was covered and why" json "
import json
r = json.load(open('$t/r.json'))
assert r['schema'] == 'scrim.report/1' and len(r['files']) == 4
for f in r['files']:
	assert len(f['frames']) == f['frames_count'] >= 1, f['in']
	assert [x['frame'] for x in f['frames']] == list(range(len(f['frames'])))
photo = [f for f in r['files'] if f['in'].endswith('a.jpg')][0]
faces = [x for x in photo['frames'][0]['regions'] if x['cause'] == 'face']
assert len(faces) >= 3, faces
for face in faces:
	assert face['method'] == 'fill' and face['track'] >= 1 and .3 < face['score'] <= 1
	x, y, w, h = face['box']; sx, sy, sw, sh = face['seen']
	assert w * h > 1.2 * sw * sh, 'no margin'"
is "the contact sheet is a PNG for its owner alone" sh -c "
	file '$t/s.png' | grep -q 'PNG image' && [ \$(stat -c %a '$t/s.png') = 600 ]"
is "a folder in its own input is left out the next time" sh -c "
	'$SCRIM' redact '$t/in/deep' -o '$t/in/deep/out' -q && '$SCRIM' redact '$t/in/deep' -o '$t/in/deep/out' -q --force &&
	[ ! -e '$t/in/deep/out/out' ] && rm -r '$t/in/deep/out'"
is "two inputs for one name are refused before anything starts" sh -c "
	cp '$t/in/a.jpg' '$t/in/deep/a.jpg'
	'$SCRIM' redact '$t/in/a.jpg' '$t/in/deep/a.jpg' -o '$t/none' 2>'$t/err'; s=\$?
	rm '$t/in/deep/a.jpg'; [ \$s = 2 ] && grep -q 'both become' '$t/err' && [ ! -e '$t/none' ]"

# Sound and metadata.
is "sound is left out" sh -c "
	[ -z \"\$(ffprobe -v error -select_streams a -show_entries stream=index -of csv '$t/all/c.mp4')\" ]"
is "unless --keep-audio says so" sh -c "
	'$SCRIM' redact '$t/clip.mp4' -o '$t/a/loud.mp4' --keep-audio &&
	[ -n \"\$(ffprobe -v error -select_streams a -show_entries stream=index -of csv '$t/a/loud.mp4')\" ]"
exiftool -q -overwrite_original -Artist=CANARY -GPSLatitude=48.1 -GPSLatitudeRef=N -Comment=CANARY "$t/in/a.jpg"
ffmpeg -v error -i "$t/clip.mp4" -c copy -metadata creation_time=2026-01-02T03:04:05Z -metadata title=CANARY -metadata comment=CANARY \
	-metadata location=+48.1+11.5/ "$t/tagged.mp4"
"$SCRIM" redact "$t/in/a.jpg" -o "$t/a/bare.jpg"
"$SCRIM" redact "$t/tagged.mp4" -o "$t/a/bare.mp4"
is "no metadata is kept" sh -c "
	! grep -qa -e CANARY -e x264 -e Lavf -e Lavc '$t/a/bare.jpg' '$t/a/bare.mp4' &&
	! exiftool '$t/a/bare.jpg' '$t/a/bare.mp4' | grep -i -e gps -e artist -e title -e comment -e location"

# Usage.
is "no output" refused 2 "no output" "$SCRIM" redact "$photos/sample1.jpg"
is "no input" refused 2 "no input" "$SCRIM" redact -o "$t/x.jpg"
is "an unknown method names the word" refused 2 "'fil'" "$SCRIM" redact "$photos/sample1.jpg" -o "$t/x.jpg" --faces fil
is "a broken polygon names the word" refused 2 "'0.5;0'" "$SCRIM" redact "$photos/sample1.jpg" -o "$t/x.jpg" --region "0,0 0.5;0 1,1"
is "jobs" refused 2 "'0'" "$SCRIM" redact "$photos/sample1.jpg" -o "$t/x.jpg" --jobs 0
is "an unknown command" refused 2 "'redakt'" "$SCRIM" redakt
printf '[camera porch]\npurpose = see who rings\nfacse = fill\n' >"$t/typo.conf"
is "a policy's error has file, line and word" refused 2 "$t/typo.conf:3: unknown key 'facse'" \
	"$SCRIM" redact "$photos/sample1.jpg" -o "$t/x.jpg" --policy "$t/typo.conf"
is "a policy that is not there" refused 2 "No such file" "$SCRIM" redact "$photos/sample1.jpg" -o "$t/x.jpg" --policy "$t/none.conf"
is "an input that is not there" refused 1 "No such file" "$SCRIM" redact "$t/none.jpg" -o "$t/x.jpg"
is "none of these left a file" [ ! -e "$t/x.jpg" ]
printf '[camera porch]\npurpose = see who rings\nfaces = mosaic\n\n[region porch/street]\npolygon = 0,0.62 1,0.55 1,1 0,1\nmethod = fill\n' >"$t/porch.conf"
is "a policy" status 0 "$SCRIM" redact "$photos/sample1.jpg" -o "$t/a/porch.png" --policy "$t/porch.conf" --report "$t/porch.json"
is "is followed" json "
import json
regions = json.load(open('$t/porch.json'))['files'][0]['frames'][0]['regions']
assert any(r['cause'] == 'region' and r['method'] == 'fill' for r in regions)
assert any(r['cause'] == 'face' and r['method'] == 'mosaic' for r in regions)"

# Contradictions: nobody who asks for covered faces gets bare ones.
: >"$t/none.boxes"
echo "1 10 10 50 50" >"$t/one.boxes"
is "boxes and another detector" refused 2 "contradict" "$SCRIM" redact "$photos/sample1.jpg" -o "$t/x.jpg" --boxes "$t/one.boxes" --detector none
is "faces without a detector" refused 2 "needs a detector" "$SCRIM" redact "$photos/sample1.jpg" -o "$t/x.jpg" --detector none --faces fill
is "boxes without a box" refused 1 "no box in it" "$SCRIM" redact "$photos/sample1.jpg" -o "$t/x.jpg" --boxes "$t/none.boxes"
is "boxes for a frame that is not there" refused 1 "frame 1, but the last frame is 0" \
	"$SCRIM" redact "$photos/sample1.jpg" -o "$t/x.jpg" --boxes "$t/one.boxes"
is "none of these left a file either" [ ! -e "$t/x.jpg" ]
is "a file that changes between its two looks is covered from there on" sh -c "
	ffmpeg -v error -f lavfi -i color=gray:s=320x240:r=25:d=24 -c:v ffv1 '$t/calm.mkv'
	ffmpeg -v error -f lavfi -i color=white:s=320x240:r=25:d=24 -c:v ffv1 '$t/other.mkv'
	cp '$t/calm.mkv' '$t/changing.mkv'
	'$SCRIM' redact '$t/changing.mkv' -o '$t/changed.mkv' --json --moving fill >'$t/out' 2>'$t/err' & pid=\$!
	while kill -0 \$pid 2>/dev/null && ! grep -q progress '$t/out'; do sleep .05; done
	cat '$t/other.mkv' >'$t/changing.mkv'
	wait \$pid; s=\$?
	[ \$s = 3 ] && grep -q 'covered whole' '$t/err' || { [ \$s = 1 ] && [ ! -e '$t/changed.mkv' ]; }"

# Names that are none.
odd=$(printf 'a\377\n9 faces.jpg')
cp "$photos/sample1.jpg" "$t/$odd"
is "a name that is not UTF-8 is copied, reported and printed as one line" sh -c "
	'$SCRIM' redact \"$t/$odd\" -o '$t/odd.jpg' --json --report '$t/odd.json' >'$t/out' 2>'$t/err'"
is "in JSON too" json "
import json
assert [json.loads(l) for l in open('$t/out')][-1]['done'] == 1
assert json.load(open('$t/odd.json'))['files'][0]['in'].endswith('9 faces.jpg')"

# Seccomp has no open, so that nothing else shows whether Landlock stands behind it.
if ! strace -o "$t/calls" -f -e trace=landlock_create_ruleset,landlock_restrict_self,seccomp \
	"$SCRIM" redact "$photos/sample1.jpg" -o "$t/a/traced.jpg" -q 2>"$t/err"; then
	echo "skip - the worker is under Landlock and seccomp # strace: $(head -n 1 "$t/err")"
elif grep -q 'landlock_create_ruleset(NULL.*= -1' "$t/calls"; then
	echo "skip - the worker is under Landlock and seccomp # this kernel has no Landlock"
else
	is "the worker is under Landlock and seccomp" sh -c "
		grep -q 'landlock_restrict_self(.*= 0' '$t/calls' &&
		grep -q 'seccomp(SECCOMP_SET_MODE_FILTER.*= 0' '$t/calls'"
fi

# Doubt.
cp "$SCRIM" "$t/scrim"
is "without a model everything is covered, which status 3 and a line say" sh -c "
	'$t/scrim' redact '$photos/sample1.jpg' -o '$t/a/blind.png' 2>'$t/err'; s=\$?
	[ -e /usr/local/share/scrim/face.onnx ] && exit 0
	[ \$s = 3 ] && [ \$(wc -l <'$t/err') = 1 ] && grep -q 'covered whole: there is no face model' '$t/err' &&
	[ \"\$(ffmpeg -v error -i '$t/a/blind.png' -f rawvideo -pix_fmt gray - | tr -d '\\0' | wc -c)\" = 0 ]"
head -c 100000 "$SCRIM_DATA/../share/scrim/face.onnx" >"$t/half.onnx"
is "with half a model as well" sh -c "
	'$SCRIM' redact '$photos/sample1.jpg' -o '$t/a/half.png' --model '$t/half.onnx' 2>'$t/err'; s=\$?
	[ \$s = 3 ] && [ \$(wc -l <'$t/err') = 1 ] && grep -q 'covered whole' '$t/err' &&
	[ \"\$(ffmpeg -v error -i '$t/a/half.png' -f rawvideo -pix_fmt gray - | tr -d '\\0' | wc -c)\" = 0 ]"
is "a model that was named and is not there is an error" refused 1 "No such file" \
	"$SCRIM" redact "$photos/sample1.jpg" -o "$t/x.jpg" --model "$t/none.onnx"

# Places that cannot be written to.
mkdir "$t/full" "$t/kill"
if mount -t tmpfs -o size=64k none "$t/full" 2>"$t/err"; then
	is "a full disk: one line" refused 1 "No space left" "$SCRIM" redact "$photos/sample1.jpg" -o "$t/full/x.png"
	is "and no file" only "$t/full"
	is "a full disk, video: one line" refused 1 "No space left" "$SCRIM" redact "$t/long.mp4" -o "$t/full/x.mp4" --faces show
	is "and no file either" only "$t/full"
	umount "$t/full"
	mount -t tmpfs -o ro none "$t/full"
	is "a read-only folder" refused 1 "Read-only file system" "$SCRIM" redact "$photos/sample1.jpg" -o "$t/full/x.png"
	umount "$t/full"
else
	echo "skip - a full disk, a read-only folder # cannot mount: $(cat "$t/err")"
fi

# Ends in the middle.
working() {
	until pgrep -P "$1" >/dev/null; do
		kill -0 "$1" 2>/dev/null || return 1
		sleep .05
	done
	sleep .5
}
killed() {
	local signal=$1 want=$2 pid got

	"$SCRIM" redact "$t/long.mp4" -o "$t/kill/x.mp4" >"$t/out" 2>"$t/err" &
	pid=$!
	working $pid || return 1
	kill "-$signal" $pid || return 1
	wait $pid 2>/dev/null
	got=$?
	sleep .3
	[ $got = "$want" ] && only "$t/kill" && ! pgrep -f "redact $t/long.mp4" >/dev/null
}
is "SIGTERM in the middle: status 130, no file, no worker left" killed TERM 130
is "SIGKILL in the middle: no file, no worker left" killed KILL 137
worker_killed() {
	local pid

	"$SCRIM" redact "$t/long.mp4" -o "$t/kill/x.mp4" >"$t/out" 2>"$t/err" &
	pid=$!
	working $pid || return 1
	pkill -KILL -P $pid || return 1
	wait $pid
	[ $? = 1 ] && only "$t/kill" && [ "$(wc -l <"$t/err")" = 1 ] && grep -q "killed by signal 9" "$t/err"
}
is "a worker killed in the middle: one line, no file" worker_killed
exit $failed
