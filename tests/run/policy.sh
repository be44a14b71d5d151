#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# scrim policy: every mistake is named, what is shown is what was read, a change that shows
# more is told from one that does not, and masks of other programs are covered.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
scrim=${SCRIM:-build/bin/scrim}
tmp=$(mktemp -d) || exit
trap 'rm -rf "$tmp"' EXIT

# status N COMMAND...: it exits with N; what it says is in $tmp/out and $tmp/err.
status() {
	local wanted=$1 got; shift

	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	got=$?
	[ $got -eq "$wanted" ] || { echo "status $got, not $wanted: $*"; cat "$tmp/out" "$tmp/err"; return 1; }
}
says() { grep -q -e "$1" "$tmp/out" || { cat "$tmp/out"; return 1; }; }
complains() { grep -q -e "$1" "$tmp/err" || { cat "$tmp/err"; return 1; }; }
silent() { [ ! -s "$tmp/out" ] && [ ! -s "$tmp/err" ]; }
# json EXPRESSION: of the document in $tmp/out, as d.
json() { python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); sys.exit(not eval(sys.argv[2]))' "$tmp/out" "$1"; }

mkdir "$tmp/policy.d" "$tmp/empty"
cat >"$tmp/policy.d/10-all.conf" <<-'END'
	[defaults]
	faces = mosaic
	controls = brightness
END
cat >"$tmp/policy.d/20-porch.conf" <<-'END'
	[camera porch]
	device  = /dev/video0
	purpose = see who rings
	faces   = fill
	size    = 1280x720
	rate    = 30000/1001
	format  = MJPG

	[region porch/street]
	polygon = 0,0.62  1,0.55  1,1  0,1
	locked  = yes

	[region porch/night]
	polygon = 0.1,0.1 0.33333,0.1 0.2,0.777
	between = 22:00-06:00
END
cat >"$tmp/policy.d/30-yard.conf" <<-'END'
	[camera yard]
	purpose  = find out who takes the bicycles
	detector = none
	faces    = show
	moving   = fill
END
echo 'no policy' >"$tmp/policy.d/notes.txt"
echo 'no policy' >"$tmp/policy.d/.hidden.conf"

right() { status 0 "$scrim" policy check "$tmp/policy.d" && says 'right; 2 cameras, 2 regions$'; }
right_json() {
	status 0 "$scrim" policy check --json "$tmp/policy.d" &&
		json 'd["cameras"] == 2 and d["mistakes"] == 0 and d["errors"] == []'
}
is "a folder of policies is right" right
is "and says so in JSON" right_json

every_mistake() {
	local bad=$tmp/bad; mkdir "$bad"
	printf '[camera a]\nfacse = fill\nfaces = fil\n' >"$bad/a.conf"
	printf '[camera b]\npurpose = x\n[region b/r]\npolygon = 0,0\n[camera b]\n' >"$bad/b.conf"
	printf '[camera c]\npurpose = \001\n' >"$bad/c.conf"
	cat >"$tmp/expected" <<-END
		scrim: $bad/a.conf:2: unknown key 'facse' in [camera a]
		scrim: $bad/a.conf:3: faces: unknown method 'fil', not fill, mosaic, blur or show
		scrim: $bad/a.conf:1: [camera a] has no purpose
		scrim: $bad/b.conf:4: polygon: '0,0' is not three points x,y or more
		scrim: $bad/b.conf:5: [camera b] is there already, in line 1
		scrim: $bad/c.conf:2: control character 0x01
	END
	status 2 "$scrim" policy check "$bad" && diff "$tmp/expected" "$tmp/err" &&
		status 2 "$scrim" policy check --json "$bad" && json 'd["mistakes"] == 6 == len(d["errors"])' &&
		status 2 "$scrim" policy show "$bad" && diff "$tmp/expected" "$tmp/err" &&
		status 2 "$scrim" policy diff "$tmp/policy.d" "$bad" && [ ! -s "$tmp/out" ]
}
is "every mistake of every file is named, by file, line and word" every_mistake

no_policy() {
	status 2 "$scrim" policy check "$tmp/none" && complains "cannot open $tmp/none: No such file" &&
		status 2 "$scrim" policy check "$tmp/empty" && complains "$tmp/empty: there is no file" &&
		: >"$tmp/void.conf" && status 2 "$scrim" policy check "$tmp/void.conf" &&
		complains 'there is no \[camera NAME\]' && mkdir -p "$tmp/odd/x.conf" &&
		status 2 "$scrim" policy check "$tmp/odd" && complains 'not a regular file'
}
is "where there is no policy, it says so" no_policy

show_is_read_again() {
	status 0 "$scrim" policy show "$tmp/policy.d" && mv "$tmp/out" "$tmp/shown.conf" &&
		status 0 "$scrim" policy diff "$tmp/policy.d" "$tmp/shown.conf" && silent &&
		status 0 "$scrim" policy diff "$tmp/shown.conf" "$tmp/policy.d" && silent &&
		status 0 "$scrim" policy show "$tmp/shown.conf" && diff "$tmp/shown.conf" "$tmp/out"
}
show_has_defaults() {
	status 0 "$scrim" policy show "$tmp/policy.d" --camera porch && says '^faces = fill$' &&
		says '^controls = brightness$' && ! grep -q yard "$tmp/out" &&
		status 2 "$scrim" policy show "$tmp/policy.d" --camera garage && complains 'no \[camera garage\]'
}
show_json() {
	status 0 "$scrim" policy show --json "$tmp/policy.d" &&
		json '[c["camera"] for c in d] == ["porch", "yard"]' && json 'd[0]["regions"][0]["locked"]' &&
		json 'd[0]["regions"][1]["between"] == "22:00-06:00"' && json 'd[0]["on_demand"] is True' &&
		json 'd[0]["rate_frames"] / d[0]["rate_seconds"] > 29.9 and d[0]["format"] == "MJPG"' &&
		json 'abs(d[0]["regions"][0]["polygon"][0][1] - .62) < 1e-6'
}
is "what is shown is a policy, and the same" show_is_read_again
is "what is shown has the defaults in it" show_has_defaults
is "what is shown in JSON is the same" show_json

# changed SED: a copy of the folder with a change in it, against the folder.
changed() {
	rm -rf "$tmp/new" && cp -r "$tmp/policy.d" "$tmp/new" && sed -i "$1" "$tmp/new/20-porch.conf" &&
		! diff -rq "$tmp/policy.d" "$tmp/new" >/dev/null
}
tightens() { changed "$1" && status 3 "$scrim" policy diff "$tmp/policy.d" "$tmp/new" && says "^TIGHTENS  porch: $2" && ! says '^LOOSENS' >/dev/null; }
loosens() { changed "$1" && status 4 "$scrim" policy diff "$tmp/policy.d" "$tmp/new" && says "^LOOSENS   porch: $2"; }
neither() { changed "$1" && status 0 "$scrim" policy diff "$tmp/policy.d" "$tmp/new" && says "^NEITHER   porch: $2"; }
same() { changed "$1" && status 0 "$scrim" policy diff "$tmp/policy.d" "$tmp/new" && silent; }

is "a comment changes nothing" same '1i; a comment'
is "another format shows neither more nor less" neither 's/MJPG/YUYV/' 'format:'
is "a larger region tightens" tightens 's/0,0.62/0,0.5/' 'region street:'
is "a smaller one loosens" loosens 's/0,0.62/0,0.63/' 'region street:'
is "a region that is not locked any more loosens" loosens '/locked/d' 'region street: the kernel holds'
is "a weaker method loosens" loosens 's/fill/blur/' 'faces: fill becomes blur'
is "fewer hours loosen" loosens 's/22:00/22:01/' 'region night: .* at 22:00 no longer'
is "all hours tighten" tightens '/between/d' 'region night:'
is "a region that is turned round loosens" loosens 's/between.*/reveal = yes/' 'region night:'
is "another purpose loosens" loosens 's/see who rings/count people/' 'purpose:'
a_camera_more_or_less() {
	mkdir -p "$tmp/less" && cp "$tmp/policy.d/"[12]*.conf "$tmp/less" &&
		status 3 "$scrim" policy diff "$tmp/policy.d" "$tmp/less" && says '^TIGHTENS  yard: camera: it is gone' &&
		status 4 "$scrim" policy diff --json "$tmp/less" "$tmp/policy.d" && json 'd["verdict"] == "LOOSENS"' &&
		json 'd["changes"][0]["camera"] == "yard" and len(d["changes"]) == 1'
}
is "a camera that goes tightens, one that comes loosens" a_camera_more_or_less
in_the_manual() {
	example tools/scrim.conf.5 scrim.conf >"$tmp/scrim.conf" && status 0 "$scrim" policy check "$tmp/scrim.conf" &&
		example tools/scrim.conf.5 policy.d >"$tmp/live.conf" && status 0 "$scrim" policy check "$tmp/live.conf"
}
is "the examples of scrim.conf(5) are right" in_the_manual

wrong_words() {
	status 2 "$scrim" policy && complains 'say what' && status 2 "$scrim" policy chek && complains 'unknown command' &&
		status 2 "$scrim" policy diff a && complains 'wrong number of words' &&
		status 2 "$scrim" policy import && complains 'wrong number' &&
		status 2 "$scrim" policy import shinobi x && complains "cannot import from 'shinobi'" &&
		status 2 "$scrim" policy import zoneminder 0,0 --size 0x4 && complains "'0x4' is not a size" &&
		status 2 "$scrim" policy check --colour && status 0 "$scrim" policy --help && says '^usage: scrim policy'
}
no_room() { [ ! -e /dev/full ] || { "$scrim" policy show "$tmp/policy.d" >/dev/full 2>"$tmp/err"; [ $? -eq 1 ] && complains 'cannot write'; }; }
is "wrong words on the command line are refused" wrong_words
is "an answer that cannot be written is an error" no_room

# A policy of what `scrim policy import` prints.
imported() {
	status 0 "$scrim" policy import "$@" || return 1
	{ printf '[camera camera]\npurpose = p\n'; cat "$tmp/out"; } >"$tmp/imported.conf"
	status 0 "$scrim" policy check "$tmp/imported.conf"
}
zoneminder() {
	imported zoneminder '0,0 639,0 639,239 0,239' --size 640x480 &&
		grep -q '^polygon = 0,0 1,0 1,0.4989' "$tmp/imported.conf" &&
		imported zoneminder '0,0 50,0 50,100 0,100' && grep -q '^polygon = 0,0 0.5,0 0.5,1 0,1$' "$tmp/imported.conf" &&
		status 2 "$scrim" policy import zoneminder '0,0 640,0 0,9' --size 640x480 && complains 'lies outside'
}
is "zones of ZoneMinder become regions" zoneminder
frigate() {
	imported frigate '0,0,1280,0,1280,360' --size 1280x720 --camera camera &&
		grep -q '^polygon = 0,0 1,0 1,0.5$' "$tmp/imported.conf" || return 1
	cat >"$tmp/config.yml" <<-'END'
		mqtt: {host: 10.0.0.1}
		cameras:
		  front_door:
		    ffmpeg:
		      inputs:
		        - path: rtsp://10.0.0.2:554/1
		          roles: [detect, record]
		    detect:
		      width: 1600
		      height: 1200
		      fps: 5
		    motion:
		      mask:
		        - 0,702,321,643,422,642,348,917,0,1127
		        - 0,0,627,0,774,298,667,302,596,378,601,573,286,592,0,577
		  yard:
		    motion:
		      mask: 0.233,0.08,0.2,0.195,0,0.293,0,0.078,0.212,0.021
	END
	status 0 "$scrim" policy import frigate "$tmp/config.yml" && [ "$(grep -c '^\[region' "$tmp/out")" = 3 ] &&
		says '^\[region front_door/motion-2\]$' && says '^\[region yard/motion\]$' &&
		echo 'cameras: {a: {motion: {mask: *x}}}' >"$tmp/config.yml" &&
		status 2 "$scrim" policy import frigate "$tmp/config.yml" && complains 'config.yml:1: '
}
is "masks of Frigate become regions" frigate

# motion MASK.png: as Motion reads it; whether a grey picture is black where it is not white.
motion() {
	ffmpeg -v error -y -i "$1" -pix_fmt gray "$tmp/mask.pgm" && imported motion "$tmp/mask.pgm" &&
		ffmpeg -v error -y -f lavfi -i color=gray:size=320x240 -frames:v 1 "$tmp/gray.png" &&
		"$scrim" redact -q --force "$tmp/gray.png" -o "$tmp/covered.png" --policy "$tmp/imported.conf" \
			--detector none --faces show &&
		ffmpeg -v error -y -i "$tmp/covered.png" -pix_fmt gray -f rawvideo "$tmp/covered" &&
		tail -c 76800 "$tmp/mask.pgm" >"$tmp/mask" &&
		python3 - "$tmp/mask" "$tmp/covered" <<-'END'
			import sys
			mask, covered = (open(name, "rb").read() for name in sys.argv[1:])
			masked = sum(m < 255 for m in mask)
			open_ = sum(m < 255 and c > 30 for m, c in zip(mask, covered))
			more = sum(m == 255 and c < 100 for m, c in zip(mask, covered))
			print(f"{masked} masked, {open_} of them open, {more} covered beyond")
			sys.exit(len(mask) != len(covered) or masked < 1000 or open_ > 0 or more > masked / 5)
		END
}
# A corner behind a slanted edge, and a disc.
draw_mask() {
	ffmpeg -v error -y -f lavfi -i color=white:size=320x240 -frames:v 1 -vf \
		"format=gray,geq=lum='255*gt(X+3*Y,180)*gt(hypot(X-200,Y-150),40)'" "$tmp/mask.png"
}
if [ -z "$(command -v ffmpeg)" ]; then
	skip "a mask of Motion becomes regions, with which no masked pixel is seen" "there is no ffmpeg"
else
	is "ffmpeg draws a mask" draw_mask
	is "a mask of Motion becomes regions, with which no masked pixel is seen" motion "$tmp/mask.png"
	# Where Motion is installed, the one in its manual.
	[ ! -e "${MOTION_MASK:=/usr/share/doc/motion/mask1.png}" ] ||
		is "the mask in Motion's manual does as well" motion "$MOTION_MASK"
fi
exit $failed
