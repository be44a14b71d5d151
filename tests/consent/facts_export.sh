#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the exporter shows of the facts in tests/consent/rows, for facts.sh: a line each, "N
# pass|FAIL|skip WHAT".  Judges are age, minisign, ffprobe, exiftool, tar and strace.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/consent/persons.sh
scrim=$(realpath "${SCRIM:-build/bin/scrim}") || exit
here=$PWD/tests/consent
work=$(TMPDIR=/tmp mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
export XDG_STATE_HOME=$work/state HOME=$work
store=$work/state/scrim/consent
outbox=$work/state/scrim/outbox
offer=$work/offer.json
settings=$work/settings
layouts='videofolder webdataset coco labelstudio'

why=
for tool in age age-keygen minisign ffmpeg ffprobe exiftool strace unshare; do
	[ -n "$(command -v $tool)" ] || why="there is no $tool"
done
strace -o /dev/null true 2>/dev/null || why="strace cannot trace here"
[ "$(id -u)" = 0 ] || why="it needs root, who switches export on"
[ -e build/share/scrim/face.onnx ] || why="there is no face model"

# fact N WHAT FUNCTION
fact() {
	if [ -n "$why" ]; then echo "$1 skip $why"; return; fi
	rm -rf "$work/state" "$work/open"
	cp "$work/offer.as-it-is" "$offer"
	printf '[export]\nallow = yes\n' >"$settings"
	if "$3"; then echo "$1 pass $2"; else echo "$1 FAIL $2"; fi
}
status() {
	local wanted=$1 got; shift

	"$@" >"$work/out" 2>"$work/err" </dev/null
	got=$?
	[ $got -eq "$wanted" ] || { echo "status $got, not $wanted: $*" >&2; cat "$work/out" "$work/err" >&2; return 1; }
}
give() { status "$1" "$scrim" export --campaign "$offer" --to example-vision --settings "$settings" "${@:2}"; }
grant() { status 0 "$scrim" consent grant "$offer" --age adult --notice-sha256 "$(jq -r .notice.sha256 "$offer")" "$@"; }
both() { grant --subject owner && apart actor --role participant; }
edit() { jq "$1" "$offer" >"$work/edited" && mv "$work/edited" "$offer"; }
# item NAME [JQ]: what is known of NAME.mp4, which is of now.
item() {
	jq --arg now "$(date -u +%Y-%m-%dT%H:%M:%SZ)" --arg sha "$(sha256sum "$work/$1.mp4" | cut -d' ' -f1)" \
		".captured = {from: \$now, until: \$now} | .sha256 = \$sha | ${2:-.}" "$here/item.json" >"$work/$1.mp4.json"
}
given() { find "$outbox" -type f 2>/dev/null; }
opened() {
	rm -rf "$work/open"
	mkdir "$work/open" && age -d -i "$work/key" "$(given | tail -n 1)" >"$work/plain.tar" && tar -C "$work/open" -xf "$work/plain.tar" &&
		if [ -d "$work/open/shards" ]; then tar -C "$work/open/shards" -xf "$work/open/shards/clips-000000.tar"; fi
}
manifest() { jq -e "$1" "$work/open/manifest.json" >/dev/null || { cat "$work/open/manifest.json" >&2; return 1; }; }

# With sound, and with all that a camera writes into a clip.
clip() {
	ffmpeg -v error -y -f lavfi -i "$2" -f lavfi -i "sine=d=1" -shortest -metadata title="secret-$1" \
		-metadata location="+48.85+002.35/" -metadata creation_time=2026-01-02T03:04:05Z -metadata comment=serial-4711 \
		-metadata:s:v:0 handler_name=host-of-4711 -pix_fmt yuv420p "$work/$1.mp4"
}
if [ -z "$why" ]; then
	age-keygen -o "$work/key" 2>/dev/null
	age-keygen -o "$work/other" 2>/dev/null
	jq --arg key "$(age-keygen -y "$work/key")" '.recipients[0].pubkey = $key' "$here/campaign.json" >"$work/offer.as-it-is"
	clip a testsrc=duration=1:rate=10:size=96x64
	clip b testsrc2=duration=1:rate=10:size=96x64
	clip c mandelbrot=rate=10:size=96x64
fi

fact_2() {
	item a && status 0 "$scrim" consent list --campaign "$offer" && give 26 "$work/a.mp4" &&
		grep -q E_NOCONSENT "$work/out" && [ ! -e "$work/state" ]
}

# In the names, in the manifest, and in what each layout has for labels.
fact_7() {
	for layout in $layouts; do
		rm -rf "$work/state"
		both && item a '.origin = "staged"' && item b '.origin = "real" | .event_class = "car-theft"' &&
			give 0 --layout $layout "$work/a.mp4" "$work/b.mp4" && opened &&
			manifest '[.items[].origin] == ["staged", "real"] and (.items[0].path | test("package-theft-staged")) and
				(.items[1].path | test("car-theft-real"))' || return
		case $layout in
		videofolder)	jq -s -e '[.[].origin] == ["staged", "real"]' "$work/open/items/metadata.jsonl" ;;
		webdataset)	[ "$(jq -r .origin "$work"/open/shards/*.json | sort | paste -sd ' ')" = "real staged" ] ;;
		coco)		jq -e '[.annotations[].attributes.origin] == ["staged", "real"]' "$work/open/annotations.json" ;;
		labelstudio)	jq -e '[.[].data.origin] == ["staged", "real"]' "$work/open/tasks.json" ;;
		esac >/dev/null || { echo "$layout" >&2; return 1; }
	done
	rm -rf "$work/state"
	grant --subject owner --origin real && apart actor --role participant && item a '.origin = "staged"' &&
		give 32 "$work/a.mp4" && item a 'del(.origin)' && give 1 "$work/a.mp4" && [ -z "$(given)" ]
}

# The quota is one: both clips of the one act fit into it, and the next act does not.
fact_9() {
	edit '.quota."package-theft" = 1' && both && item a '.camera = "left"' &&
		item b ".camera = \"right\" | .captured = $(jq -c .captured "$work/a.mp4.json")" &&
		item c '.camera = "right" | .captured.from = "2026-11-21T00:00:00Z" | .captured.until = "2026-11-21T00:00:09Z"' &&
		rm -rf "$work/state" && grant --subject owner --applies-before 2026-11-20T00:00:00Z &&
		apart actor --role participant --applies-before 2026-11-20T00:00:00Z &&
		give 3 "$work/a.mp4" "$work/b.mp4" "$work/c.mp4" && grep -q 'c.mp4: E_QUOTA' "$work/out" && opened &&
		manifest '(.items | length) == 2 and .items[0].event_id == .items[1].event_id and
			.items[0].camera_pseudonym != .items[1].camera_pseudonym and all(.items[]; .redaction.faces)' &&
		give 34 "$work/c.mp4"
}

fact_10() {
	both && item a && give 29 --purpose train-detector:car-theft "$work/a.mp4" && [ -z "$(given)" ] && give 0 "$work/a.mp4" && opened &&
		manifest '.bundle.purpose == "train-detector:package-theft"' &&
		minisign -V -q -p "$work/open/manifest.pub" -m "$work/open/manifest.json" || return
	sed -i 's/train-detector:package-theft/train-detector:car-theft/' "$work/open/manifest.json"
	! minisign -V -q -p "$work/open/manifest.pub" -m "$work/open/manifest.json" >/dev/null 2>&1 || return
	for at in 100 250 $(($(stat -c %s "$(given)") - 20)); do
		cp "$(given)" "$work/changed"
		printf '\x55' | dd of="$work/changed" bs=1 seek=$at conv=notrunc status=none
		cmp -s "$work/changed" "$(given)" || ! age -d -i "$work/key" "$work/changed" >/dev/null 2>&1 || return
	done
}

# Whatever any of its processes writes into the outbox begins as age's files do, and has nothing of a clip in it.
fact_11() {
	local first

	both && item a || return
	strace -f -y -s 64 -e trace=socket,connect,bind,sendto,sendmsg,write,writev,pwrite64 -o "$work/trace" "$scrim" export --campaign "$offer" \
		--to example-vision --settings "$settings" -q "$work/a.mp4" && [ "$(given | wc -l)" = 1 ] || return
	! grep -E '(socket|connect|bind|sendto|sendmsg)\(' "$work/trace" >&2 && grep -F "<$outbox/" "$work/trace" >"$work/wrote" || return
	first=$(head -n 1 "$work/wrote")
	case $first in *'"age-encryption.org/v1\n"'*) ;; *) echo "$first" >&2; return 1 ;; esac
	! grep -a -q -e ftyp -e package-theft-staged -e scrim.manifest "$(given)" && ! age -d -i "$work/other" "$(given)" >/dev/null 2>&1 &&
		opened && [ -e "$work/open/manifest.json" ]
}

fact_12() {
	local reference=paypal:donor@mail.example

	both && item a && give 0 --payment "$reference" "$work/a.mp4" && opened || return
	grep -q "\"payment\":\"$reference\"" "$store/export.log" && ! grep -r -a -q -e "$reference" -e donor@mail "$work/open" "$work/plain.tar" "$outbox"
}

# What the ledger counts is what recipients find in their manifests, and what was refused is not in it.
fact_15() {
	local told=0 counted

	both && item a && item b && item c '.people[1].age_class = "minor"' && give 0 "$work/a.mp4" && opened &&
		told=$(jq '.items | length' "$work/open/manifest.json") && rm -f "$(given)" && give 3 "$work/b.mp4" "$work/c.mp4" && opened &&
		told=$((told + $(jq '.items | length' "$work/open/manifest.json"))) &&
		status 0 "$scrim" ledger stats --json && counted=$(jq .clips "$work/out") &&
		echo "$told in manifests, $counted in the ledger" >&2 && [ "$told" = 2 ] && [ "$counted" = 2 ]
}

fact_23() {
	both && item a && give 0 "$work/a.mp4" && opened && ! age -d -i "$work/other" "$(given)" >/dev/null 2>&1 || return
	edit "$(printf '.offer.third_party = true | .recipients += [.recipients[0] | .id = "late" | .pubkey = "%s"]' "$(age-keygen -y "$work/other")")"
	item b && status 30 "$scrim" export --campaign "$offer" --to late --settings "$settings" "$work/b.mp4" && [ "$(given | wc -l)" = 1 ]
}

# sealed true|false|null [WHY]: so scrim status says for programs, and for people.
sealed() {
	local -A word=([true]=yes [false]=no [null]=unknown)

	"$scrim" status --json >"$work/out" 2>"$work/err"
	jq -e --arg why "${2-}" ".exports.end_to_end == $1 and ((.exports.why // \"\") | contains(\$why))" "$work/out" >/dev/null &&
		jq -e "any(.doubts[]; .text | contains(\"what is exported is not encrypted\")) == ($1 == false)" "$work/out" >/dev/null &&
		"$scrim" status 2>"$work/err" | grep -q "end_to_end=${word[$1]}: .*${2-}" || { cat "$work/out" >&2; return 1; }
}
# Bundles that were changed after they were given; no file says so, but they.
fact_25_bundles() {
	local file mark=mark-that-is-in-no-bundle

	edit ".title = \"$mark\"" && both && item a && give 0 "$work/a.mp4" && opened && file=$(given) && grep -q -a "$mark" "$work/plain.tar" &&
		! grep -r -q -a --exclude=consent.log "$mark" "$work/state" && sealed true && [ "$(jq .exports.bundles "$work/out")" = 1 ] && cp "$file" "$work/good" || return
	cp "$work/plain.tar" "$file" && sealed false "not encrypted as age does" && item b && give 1 "$work/b.mp4" &&
		grep -q 'not encrypted as age does' "$work/err" && [ "$(given | wc -l)" = 1 ] || return
	{ head -c 200 "$work/good"; tail -c +201 "$work/plain.tar"; } >"$file" && sealed false "not as long as" || return
	age -r "$(age-keygen -y "$work/key")" -r "$(age-keygen -y "$work/other")" <"$work/plain.tar" >"$file" && sealed false "not for one recipient" || return
	age -r "$(age-keygen -y "$work/other")" <"$work/plain.tar" >"$file" && [ "$(stat -c %s "$file")" = "$(stat -c %s "$work/good")" ] &&
		sealed false "its hash is another" || return
	rm "$file" && ln -s "$work/good" "$file" && sealed null "cannot look at" || return
	rm "$file" && cp "$work/good" "$file" && sealed true && give 0 "$work/b.mp4" && sealed true && [ "$(jq .exports.bundles "$work/out")" = 2 ] &&
		rm "$(given | head -n 1)" && sealed true
}
fact_25() {
	printf '#!/bin/sh\nexec cat\n' >"$work/age" && chmod 755 "$work/age" && both && item a || return
	status 1 unshare -m sh -c 'mount --bind "$0" /usr/bin/age && exec "$@"' "$work/age" "$scrim" export --campaign "$offer" \
		--to example-vision --settings "$settings" "$work/a.mp4" && grep -q 'not encrypted' "$work/err" && [ -z "$(given)" ] &&
		unshare -m sh -c 'mount --bind "$0" /usr/bin/age && exec "$@"' "$work/age" "$scrim" status >"$work/out" 2>/dev/null
	[ $? = 3 ] && grep -q 'end_to_end=no: what came out of age is not encrypted' "$work/out" && sealed true &&
		give 0 "$work/a.mp4" && opened && manifest '.bundle.status.end_to_end' && rm -rf "$work/state" && fact_25_bundles
}

fact_26() {
	"$scrim" status --limits >"$work/out" 2>&1
	grep -q 'No detector finds every face' "$work/out" && grep -q 'What a recipient does with pictures is law' "$work/out" &&
		grep -q 'Who is in a clip, and that they agreed, is what its owner says' "$work/out" &&
		[ "$(sed -n '/^what scrim cannot do/,/^$/p' "$work/out" | wc -l)" -gt 5 ]
}

fact_27() {
	[ "$(ffprobe -v error -show_entries stream=codec_type -of csv=p=0 "$work/a.mp4" | paste -sd ' ')" = "video audio" ] || return
	for layout in $layouts; do
		rm -rf "$work/state"
		both && item a && give 0 --layout $layout "$work/a.mp4" && opened && manifest '.items[0].stripped | index("audio")' &&
			[ "$(ffprobe -v error -show_entries stream=codec_type -of csv=p=0 "$work"/open/*/*.mp4)" = video ] || return
	done
}

# The second clip is long enough for the first to be heard of.
fact_29() {
	local run line

	ffmpeg -v error -y -f lavfi -i testsrc=duration=40:rate=10:size=96x64 -pix_fmt yuv420p "$work/slow.mp4"
	both && item a && item slow || return
	mkfifo "$work/fifo"
	"$scrim" export --campaign "$offer" --to example-vision --settings "$settings" --json "$work/a.mp4" "$work/slow.mp4" \
		>"$work/fifo" 2>"$work/err" &
	run=$!
	while read -r line; do
		case $line in *'"redacted"'*a.mp4*) "$scrim" export off --settings "$settings" >/dev/null ;; esac
	done <"$work/fifo"
	rm "$work/fifo"
	wait $run
	[ $? = 22 ] && [ -z "$(given)" ] && [ -z "$(find "$store/stage" -type f ! -name lock)" ] &&
		[ "$(jq -r 'select(.kind == "switch").fields.export' "$store/export.log")" = off ] && give 22 "$work/a.mp4"
}

# A part of the picture that changes all the time, and beside it one that does as well.
flat() { # FILE CROP: whether all frames have one colour there
	ffmpeg -v error -i "$1" -vf "crop=$2,signalstats,metadata=print:file=-" -f null - |
		awk -F= '/YMIN|YMAX/ { v[$1] = $2 } /YMAX/ && v["lavfi.signalstats.YMAX"] - v["lavfi.signalstats.YMIN"] > 6 { bad = 1 } END { exit bad || !("lavfi.signalstats.YMAX" in v) }'
}
fact_43() {
	local file

	printf '[camera porch]\npurpose = test\nclass = outdoor\n[region porch/screen]\npolygon = 0,0 0.5,0 0.5,1 0,1\nbetween = 03:00-03:01\n' >"$work/regions.conf"
	for layout in $layouts; do
		rm -rf "$work/state"
		both && item b && item c '.shown = ["screen"]' && give 3 --layout $layout --policy "$work/regions.conf" "$work/b.mp4" "$work/c.mp4" && grep -q 'c.mp4: E_DATA.*data.excluded' "$work/out" &&
			opened && file=$(echo "$work"/open/*/*.mp4) && ! flat "$work/b.mp4" 40:56:4:4 && flat "$file" 40:56:4:4 && ! flat "$file" 40:56:52:4 || return
	done
}

# The first donor agreed to one offer, the second to another with another purpose.
fact_46() {
	both || return
	edit '.id = "cars-2026" | .offer.purpose = "train-detector:car-theft"' && grant --subject other && apart actor --role participant &&
		item a && item b '.people[0].id = "other"' && cp "$offer" "$work/cars.json" && cp "$work/offer.as-it-is" "$offer" || return
	give 3 "$work/a.mp4" "$work/b.mp4" && grep -q 'b.mp4: E_NOCONSENT' "$work/out" && opened && manifest '(.items | length) == 1' &&
		status 3 "$scrim" export --campaign "$work/cars.json" --to example-vision --settings "$settings" "$work/a.mp4" "$work/b.mp4" &&
		grep -q 'a.mp4: E_NOCONSENT' "$work/out"
}

fact_50() {
	status 0 "$scrim" export off --settings "$settings" && status 2 "$scrim" export on --settings "$settings" && grep -q accept "$work/err" &&
		both && item a && give 22 "$work/a.mp4" && status 0 "$scrim" export on --accept --settings "$settings" && give 0 "$work/a.mp4" &&
		[ "$(jq -r 'select(.kind == "switch").fields.export' "$store/export.log" | paste -sd ' ')" = "off on" ]
	# What loosens a policy is told from what tightens it: tests/run/policy.sh.
}

fact_52() {
	both && item a && status 0 unshare -u sh -c 'hostname host-of-4711 && exec "$@"' sh "$scrim" export --campaign "$offer" \
		--to example-vision --settings "$settings" "$work/a.mp4" && opened || return
	exiftool -G1 -a -s "$work/a.mp4" | grep -q 'GPS' && exiftool "$work/a.mp4" | grep -q serial-4711 || return
	! exiftool -a -s "$work"/open/items/*.mp4 | grep -i -e gps -e serial -e title -e comment -e secret -e location -e encoder -e x264 -e lav >&2 &&
		! exiftool -a -s "$work"/open/items/*.mp4 | grep -E '(Create|Modify)Date' | grep -v '0000:00:00 00:00:00' >&2 &&
		[ -z "$(ffprobe -v error -show_entries format_tags:stream_tags -of json "$work"/open/items/*.mp4 | grep -i -e title -e creation -e location -e comment)" ] || return
	# Nor names, hosts, paths and times in what is beside the clips, nor in the tar file.
	! grep -r -a -o -i -e porch -e host-of-4711 -e owner -e '"actor"' -e secret- -e serial-4711 -e 'a\.mp4' -e "$work" -e '[0-9]T[0-9][0-9]:[0-9][0-9]:' "$work/open" >&2 &&
		! tar --numeric-owner --full-time -tvf "$work/plain.tar" | grep -v '^-rw-r--r-- 0/0 .* 1970-01-01 00:00:00 ' >&2
}

fact_56() {
	both && item a && item b && give 0 "$work/a.mp4" && printf '[export]\nallow = yes\nsuspended = example-vision\n' >"$settings" &&
		give 30 "$work/b.mp4" && [ "$(given | wc -l)" = 1 ]
}

fact 2 "an offer without a consent: E_NOCONSENT, and not a byte written" fact_2
fact 7 "real and staged: in names, manifest and the labels of all four layouts; without it no item" fact_7
fact 9 "one act, two cameras: one event, which fills a quota of one; the next act is E_QUOTA" fact_9
fact 10 "another purpose: E_PURPOSE; in the manifest: no signature; a byte of the file: no decryption" fact_10
fact 11 "no socket; whatever is written into the outbox is age's, and another key opens nothing" fact_11
fact 12 "the reference is in the ledger, and in no byte of the bundle" fact_12
fact 15 "clips in the manifests of two bundles: as many as the ledger counts; a refused one is in neither" fact_15
fact 23 "the key of another opens nothing; a recipient that is added later: E_RECIPIENT" fact_23
! unshare -m true 2>/dev/null || fact 25 "encryption that only copies, bundles of plain text, for another or for two: scrim status says end_to_end=no, and nothing goes" fact_25
unshare -m true 2>/dev/null || echo "25 skip there are no mount namespaces here, as in a chroot"
fact 26 "scrim status --limits says what cannot be kept, of export as well" fact_26
fact 27 "a clip with sound has none in any layout, and the manifest says so" fact_27
fact 29 "switched off between two clips: E_OFF, nothing left, and the switch is in the ledger" fact_29
fact 43 "a region is one colour in every frame of every layout, at any hour; what was not covered: E_DATA" fact_43
fact 46 "two offers with two purposes: each bundle has the clips of its own consents" fact_46
fact 50 "on has to be accepted, off holds at once, both are in the ledger" fact_50
fact 52 "no serial, host, place, tag, name or time in clips, papers and tar file, as exiftool, ffprobe and grep find" fact_52
fact 56 "suspended by an administrator: E_RECIPIENT, for the next clip" fact_56
