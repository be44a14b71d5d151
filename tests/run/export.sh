#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# scrim export, judged by age, minisign, ffprobe, exiftool, tar and jq: what leaves, what does not, and
# what is left when it is killed.
limit=600
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
. tests/consent/persons.sh
scrim=$(realpath "${SCRIM:-build/bin/scrim}") || exit
books=$PWD/build/tests/books
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
export XDG_STATE_HOME=$work/state HOME=$work
store=$work/state/scrim/consent
outbox=$work/state/scrim/outbox

for tool in age age-keygen minisign ffmpeg exiftool; do
	[ -n "$(command -v $tool)" ] || { skip "scrim export" "there is no $tool"; exit 0; }
done
[ "$(id -u)" = 0 ] || { skip "scrim export" "it needs root, who switches export on"; exit 0; }
[ -e build/share/scrim/face.onnx ] || { skip "scrim export" "there is no face model"; exit 0; }

age-keygen -o "$work/key" 2>/dev/null
age-keygen -o "$work/other" 2>/dev/null
offer=$work/offer.json
jq --arg key "$(age-keygen -y "$work/key")" '.recipients[0].pubkey = $key' tests/consent/campaign.json >"$offer"
hash=$(jq -r .notice.sha256 "$offer")
on() { printf '[export]\nallow = yes\n' >"$work/settings"; }
on

# status N COMMAND...: it exits with N; what it says is in $work/out and $work/err.
status() {
	local wanted=$1 got; shift

	"$@" >"$work/out" 2>"$work/err" </dev/null
	got=$?
	[ $got -eq "$wanted" ] || { echo "status $got, not $wanted: $*"; cat "$work/out" "$work/err"; return 1; }
}
export_() { status "$1" "$scrim" export --campaign "$offer" --to example-vision --settings "$work/settings" "${@:2}"; }
grant() { "$scrim" consent grant "$offer" --age adult --notice-sha256 "$hash" "$@" >/dev/null 2>&1; }
both() { grant --subject owner && apart actor --role participant; }
fresh() { rm -rf "$work/state"; on; both; }
says() { grep -q -e "$1" "$work/out" "$work/err" || { cat "$work/out" "$work/err"; return 1; }; }
given() { find "$outbox" -type f ! -name '.*' 2>/dev/null; }
left() { find "$outbox" "$store/stage" -type f ! -name lock 2>/dev/null; }
nothing_is_left() { [ -z "$(left)" ] || { left; return 1; }; }
opened() { rm -rf "$work/open"; mkdir "$work/open"; age -d -i "$work/key" "$(given)" | tar -C "$work/open" -xf -; }
manifest() { jq -e "$1" "$work/open/manifest.json" >/dev/null || { cat "$work/open/manifest.json"; return 1; }; }

# clip NAME SECONDS [JQ]: with sound and all that a camera writes into it, and what is known of it.
clip() {
	ffmpeg -v error -y -f lavfi -i "testsrc=duration=$2:rate=10:size=96x64" -f lavfi -i "sine=d=$2" \
		-metadata title="secret-$1" -metadata location="+48.85+002.35/" -metadata creation_time=2026-01-02T03:04:05Z \
		-metadata comment=serial-4711 -pix_fmt yuv420p "$work/$1.mp4"
	item "$1" "${3:-.}"
}
item() {
	jq --arg now "$(date -u +%Y-%m-%dT%H:%M:%SZ)" --arg sha "$(sha256sum "$work/$1.mp4" | cut -d' ' -f1)" \
		".captured = {from: \$now, until: \$now} | .sha256 = \$sha | $2" tests/consent/item.json >"$work/$1.mp4.json"
}

clip a 1
is "without a consent nothing goes" export_ 26 "$work/a.mp4"
is "and nothing is written" [ ! -e "$work/state" ]
fresh
clip a 1
clip b 1 '.origin = "real" | .event_class = "car-theft" | .camera = "drive"'
state() { (cd "$work/state" && find . -type f -exec sha256sum {} + | sort); }
before=$(state)
is "a dry run says what may go" eval 'export_ 0 --dry-run "$work/a.mp4" && says "may go"'
is "and writes nothing" [ "$(state)" = "$before" ]
is "two clips go" eval 'export_ 0 "$work/a.mp4" "$work/b.mp4" && says "2 clips for example-vision"'
is "in one file of the outbox, for its owner alone" eval '[ "$(given | wc -l)" = 1 ] && [ "$(left)" = "$(given)" ] && [ "$(stat -c %a "$(given)" "$outbox" | paste -sd " ")" = "600 700" ]'
is "which the recipient opens" opened
is "its manifest is signed, as minisign finds" minisign -V -q -p "$work/open/manifest.pub" -m "$work/open/manifest.json"
is "and has every consent" manifest '[.items[].consent | length] == [2, 2] and all(.items[].consent[]; (.event_hash | length) == 64)'
hashes() {
	jq -r '.items[] | .sha256 + "  " + .path' "$work/open/manifest.json" | (cd "$work/open" && sha256sum -c --quiet -)
}
is "and the hashes of what is there" hashes
frames() { [ "$(ffprobe -v error -count_frames -show_entries stream=codec_type,nb_read_frames -of csv=p=0 "$1")" = video,10 ]; }
is "clips have pictures and no sound" eval 'frames "$work/open/items/package-theft-staged-000001.mp4" && frames "$work/open/items/car-theft-real-000002.mp4"'
tar_is_plain() {
	age -d -i "$work/key" "$(given)" >"$work/plain.tar" && tar --numeric-owner --full-time -tvf "$work/plain.tar" >"$work/list" &&
		! grep -v '^-rw-r--r-- 0/0 .* 1970-01-01 00:00:00 ' "$work/list"
}
is "the tar file is nobody's, and of 1970" tar_is_plain
is "the ledger has two clips and a bundle" eval '[ "$(jq -r .kind "$store/export.log" | paste -sd " ")" = "item item bundle" ]'
is "and the file's hash" eval '[ "$(jq -r "select(.kind == \"bundle\").fields.sha256" "$store/export.log")" = "$(sha256sum "$(given)" | cut -d" " -f1)" ]'
before=$(given; sha256sum "$store/export.log")
is "the same again is given already" eval 'export_ 0 "$work/a.mp4" "$work/b.mp4" && says "given before, in " && [ "$(given; sha256sum "$store/export.log")" = "$before" ]'
clip c 1
clip pet 1 '.event_class = "pet"'
is "of two that are asked for the one that may goes" eval 'export_ 3 "$work/pet.mp4" "$work/c.mp4" && says "pet.mp4: E_DATA: .*(data.event)" && [ "$(given | wc -l)" = 2 ]'
is "where none may, nothing goes" eval 'export_ 32 "$work/pet.mp4" && [ "$(given | wc -l)" = 2 ]'
is "a clip that is named twice goes once" eval 'fresh; item a .; export_ 0 "$work/a.mp4" "$work/a.mp4" && says "named twice" && says ": 1 clip for"'
is "each line of --json is an object" eval 'export_ 0 --json "$work/a.mp4" && jq -s -e ".[0].event == \"clip\" and .[0].state == \"given before\" and .[-1].event == \"end\" and .[-1].status == 0" "$work/out" >/dev/null'

# Each layout as its recipient gets it.
python=/usr/bin/python3
[ -x $python ] || python=python3
layout() {
	fresh && item a . && item b '.origin = "real" | .event_class = "car-theft" | .camera = "drive"' &&
		export_ 0 --layout "$1" "$work/a.mp4" "$work/b.mp4" && opened && $python tests/run/papers_judge.py "$1" "$work/open"
}
for each in videofolder webdataset coco labelstudio; do
	is "$each: the judge of papers takes what was decrypted" layout $each
done

# What is wrong.
fresh
item a .
is "an item of another clip is told" eval 'cp "$work/a.mp4.json" "$work/x.mp4.json"; cp "$work/b.mp4" "$work/x.mp4"; export_ 1 "$work/x.mp4" && says "x.mp4.json: sha256: it is about another clip"'
is "so is one that is not there" eval 'rm "$work/x.mp4.json"; export_ 1 "$work/x.mp4" && says "x.mp4.json"'
is "what is no video fails, and the others go" eval 'head -c 4000 /dev/urandom >"$work/x.mp4"; item x .; export_ 1 "$work/x.mp4" "$work/a.mp4" && says "cannot export .*x.mp4" && [ "$(given | wc -l)" = 1 ]'
is "a picture is no clip" eval 'ffmpeg -v error -y -i "$work/b.mp4" -frames:v 1 "$work/p.png" && mv "$work/p.png" "$work/p.mp4" && item p . && export_ 1 "$work/p.mp4" && says "a picture, and no clip"'
weak() {
	printf '[camera porch]\npurpose = test\nclass = outdoor\n%s\n' "$1" >"$work/weak.conf"
	export_ 2 --policy "$work/weak.conf" "$work/b.mp4" && says "only .* is exported"
}
is "what can be undone is refused" eval 'weak "faces = mosaic" && weak "faces = blur" && weak "faces = show" && weak "moving = blur" && weak "detector = none"'
is "so is a region that can" weak $'[region porch/street]\npolygon = 0,0 1,0 1,1\nmethod = mosaic'
is "so is what finds fewer faces" eval 'weak "detect-size = 32x32" && weak "model = $work/any.onnx"'
is "and a baby monitor" eval 'sed "s/outdoor/baby/" "$work/weak.conf" >"$work/baby.conf" && sed -i "/^model/d" "$work/baby.conf" && export_ 2 --policy "$work/baby.conf" "$work/b.mp4" && says "nothing of such a camera"'
is "regions of another camera cover nothing" eval 'sed "s/baby/outdoor/" "$work/baby.conf" >"$work/other.conf" && export_ 1 --policy "$work/other.conf" "$work/b.mp4" && says "the policy is of .porch"'
is "settings that others can write to allow nothing" eval 'chmod 666 "$work/settings"; export_ 1 "$work/b.mp4" && says "not root.s alone"; chmod 644 "$work/settings"'
explained() { status "$1" "$scrim" explain "$work/x.mp4.json" --campaign "$offer" --to example-vision --settings "$work/settings" "${@:2}"; }
as_export() {
	cp "$work/b.mp4" "$work/x.mp4"
	item x '.data = ["audio", "pixels-unredacted", "metadata"] | .redaction.faces = false | .redaction.method = "blur" | .shown = ["audio"]'
	export_ 0 --dry-run "$work/x.mp4" && explained 0 && item x '.shown = ["screen"]' && export_ 32 --dry-run "$work/x.mp4" && explained 32
}
is "explain is asked about what would leave" as_export
not_roots() {
	chown 60001 "$work/settings"
	export_ 1 --dry-run "$work/x.mp4" && says "not root.s alone" && explained 2 && says "not root.s alone"
	not=$?
	chown 0 "$work/settings"
	return $not
}
is "and believes nobody else's settings either" not_roots
is "words are checked" eval 'export_ 2 && export_ 2 --layout zip "$work/b.mp4" && export_ 2 --purpose fun "$work/b.mp4" && status 2 "$scrim" export "$work/b.mp4"'
many() { head -c "$1" /dev/zero | tr '\0' x; }
at_once() { export_ 2 --json "$@" "$work/b.mp4" && ! grep redacted "$work/out"; }
bad_outbox() {
	at_once --outbox "/$(many 120000)" && says "too long" && at_once --outbox "/$(many 10000)" && says "too long" &&
		at_once --outbox "/$(many 4000)" && says "too long" && at_once --outbox "" && at_once --outbox "$work/a"$'\n'b
}
bad_payment() {
	at_once --payment "$(many 256)" && says "payment: is longer" && at_once --payment $'\xff' && says "payment: " &&
		at_once --payment $'a\nb' && says "payment: "
}
any_name() {
	item b '.camera = "drive"' && export_ 0 --json --outbox "$work/o"$'\xff' "$work/b.mp4" &&
		jq -s -e '.[-1].event == "end" and .[-1].bundle and (.[-1].file | length) > 0' "$work/out" >/dev/null
}
no_store() {
	export_ 26 --store "" "$work/b.mp4" && status 1 "$scrim" consent grant "$offer" --subject owner --age adult --notice-sha256 "$hash" --store "" && says "empty"
}
is "an outbox that cannot be is told before anything is done" bad_outbox
is "so is a payment that cannot be written down" bad_payment
is "a folder may have any name" any_name
is "but a store has one" no_store
is "a ledger that was edited gives nothing" eval 'sed -i "1s/porch/torch/" "$store/export.log"; export_ 1 "$work/b.mp4" && [ "$(given | wc -l)" = 1 ]'

fresh
item a .
clip b 1 '.origin = "real" | .event_class = "car-theft" | .camera = "drive"'
# A ledger that is missing, where bundles exist: not even a dry run says that a clip may go.
no_log() { export_ 1 --dry-run "$1" && says "$2" && export_ 1 "$1" && says "$2" && [ ! -e "$store/export.log" ] && [ "$(given | wc -l)" = 1 ]; }
gone() {
	export_ 0 "$work/a.mp4" && mv "$store/export.log" "$work/kept.log" && no_log "$work/a.mp4" 'export.head: the log ends with entry 0' &&
		no_log "$work/b.mp4" 'export.head: the log ends with entry 0' && status 4 "$scrim" ledger verify && status 4 "$scrim" ledger stats
}
is "a ledger that is gone gives nothing" gone
is "nor does one whose head is gone as well" eval 'mkdir "$work/heads" && mv "$store"/export.head* "$work/heads" && no_log "$work/a.mp4" "export.log is missing, and had 2 entries" && mv "$work/heads"/* "$store"'
is "one that was rotated is there" eval 'mv "$work/kept.log" "$store/export.log.1" && export_ 0 "$work/a.mp4" && says "given before, in" && export_ 0 --dry-run "$work/a.mp4" && says "given before" && [ "$(given | wc -l)" = 1 ]'

# Under another secret, what was given would be new.
no_secret() { export_ 1 --dry-run "$work/a.mp4" && says "$1" && export_ 1 "$work/a.mp4" && says "$1" && [ "$(given | wc -l)" = 1 ]; }
missing() { mv "$store/export.secret" "$work/kept" && no_secret 'export.secret is missing, and clips of 1 bundle cannot' && [ ! -e "$store/export.secret" ]; }
is "without the secret of what was given nothing more goes, and none is made" missing
another_secret() { (umask 077; sha256sum /proc/sys/kernel/random/uuid | cut -d' ' -f1 >"$store/export.secret"); }
other() { another_secret && no_secret 'export.secret is another one'; }
is "nor with another one" other
is "it is brought back" eval 'mv "$work/kept" "$store/export.secret" && export_ 0 "$work/a.mp4" && says "given before, in" && export_ 0 "$work/b.mp4" && [ "$(jq -r "select(.kind == \"bundle\").fields.fingerprint" "$store"/export.log* | sort -u | wc -l)" = 1 ]'
# A ledger from before fingerprints were written: what is missing is refused, what is there is taken.
older() {
	local id

	id=$(cat /proc/sys/kernel/random/uuid)
	fresh; item a .
	printf '%s\n' "item $id 1 doorstep owner porch package-theft event-1 200 $id" \
		"give $id 1 doorstep example-vision $(jq -r '.recipients[0].receipts' "$offer") 2036-01-01T00:00:00Z -" | "$books" "$store" >/dev/null
	export_ 1 "$work/a.mp4" && says 'export.secret is missing' && another_secret &&
		export_ 0 "$work/a.mp4" && [ "$(jq -r 'select(.kind == "bundle").fields.fingerprint' "$store/export.log" | grep -c '^[0-9a-f]\{64\}$')" = 1 ]
}
is "an older ledger takes the secret that is there, and no new one" older

# The same clip for a second recipient: another bundle, which pays nothing for it, but for what is new.
paid_once() {
	cp "$offer" "$work/offer.kept"
	jq '.recipients += [.recipients[0] | .id = "example-labels"] | .offer.third_party = true' "$work/offer.kept" >"$offer"
	fresh; item a .; item b '.origin = "real" | .event_class = "car-theft" | .camera = "drive"'
	export_ 0 "$work/a.mp4" && status 0 "$scrim" export --campaign "$offer" --to example-labels --settings "$work/settings" "$work/a.mp4" "$work/b.mp4" &&
		[ "$(jq -r 'select(.kind == "item").fields.cents' "$store/export.log" | paste -sd " ")" = "200 0 200" ] &&
		status 0 "$scrim" ledger stats --json && jq -e '.bundles == 2 and .clips == 3 and .cents.USD == 400' "$work/out" >/dev/null
	paid=$?
	cp "$work/offer.kept" "$offer"
	return $paid
}
is "a clip is paid once, whoever else gets it" paid_once

# Faces in a clip of nobody.
if [ -e "${SCRIM_DATA:-build/data}/faces/2007_007763.jpg" ]; then
	ffmpeg -v error -y -loop 1 -t 1 -r 10 -i "${SCRIM_DATA:-build/data}/faces/2007_007763.jpg" -vf 'scale=trunc(iw/2)*2:trunc(ih/2)*2' \
		-pix_fmt yuv420p "$work/face.mp4"
	empty='.persons = 0 | .origin = "real" | .people = [.people[0]]'
	cp "$offer" "$work/offer.kept"
	jq '.requires = "nothing"' "$work/offer.kept" >"$offer"
	fresh; item face "$empty"; item a .
	is "a clip of nobody may go, as far as a dry run sees" export_ 0 --dry-run "$work/face.mp4"
	is "with faces in it, it does not" eval 'export_ 26 "$work/face.mp4" && says "face.mp4: E_NOCONSENT: .* faces* w[a-z]* found, in 10 of 10 pictures; .*(noconsent.faces)" && nothing_is_left && [ ! -e "$store/export.log" ]'
	found=$(sed -n 's/.*"false_faces": \([0-9]*\).*/\1/p' "$work/out")
	is "and others go without it" eval 'export_ 3 "$work/face.mp4" "$work/a.mp4" && opened && manifest "(.items | length) == 1"'
	is "one face more than somebody looked at is refused" eval '[ "$found" -gt 1 ] && item face "$empty | .false_faces = $((found - 1))" && export_ 26 "$work/face.mp4" && says noconsent.faces'
	is "faces that somebody found to be none are let go, and covered" eval 'item face "$empty | .false_faces = $found" && export_ 0 --json "$work/face.mp4" && jq -e -s "any(.[]; .event == \"redacted\" and .faces == $found)" "$work/out" >/dev/null'
	cp "$work/offer.kept" "$offer"
else
	skip "faces in a clip of nobody are refused" "there are no photos of faces"
fi

# An outbox that nobody may write to is no rule that refuses.
mkdir "$work/fixed"
if chattr +i "$work/fixed" 2>/dev/null; then
	fresh; item a .
	is "a folder that refuses is a failure" eval 'export_ 1 --json --outbox "$work/fixed" "$work/a.mp4" && says "Operation not permitted" && jq -s -e ".[-1].status == 1 and .[-1].bundle == null" "$work/out" >/dev/null'
	chattr -i "$work/fixed"
	is "which keeps what was redacted" eval 'export_ 0 --json --outbox "$work/fixed" "$work/a.mp4" && grep -q "\"reused\":true" "$work/out"'
else
	skip "a folder that refuses is a failure" "this file system has no immutable files"
fi

# Two cameras, one act.
fresh
item a '.camera = "left"'
item b '.camera = "right"'
clip late 1 '.captured.from = "2026-11-21T00:00:00Z" | .captured.until = "2026-11-21T00:00:05Z"'
is "clips of one act on two cameras are one event" eval 'export_ 0 "$work/a.mp4" "$work/b.mp4" && opened && manifest "(.items | length) == 2 and .items[0].event_id == .items[1].event_id and .items[0].camera_pseudonym != .items[1].camera_pseudonym"'
clip d 1
is "and a later one is another" eval 'rm "$(given)"; item d .; export_ 0 "$work/d.mp4" && one=$(jq -r ".items[0].event_id" "$work/open/manifest.json") && opened && manifest ".items[0].event_id != \"$one\""'

# Stopped meanwhile: slow is long enough to be heard before it is done.
clip slow 40
clip third 1
# during COMMAND...: runs it when the first of two clips is redacted.
during() {
	local line

	fresh
	item a .
	item slow .
	item third .
	mkfifo "$work/fifo"
	"$scrim" export --campaign "$offer" --to example-vision --settings "$work/settings" --json "$work/a.mp4" \
		"$work/slow.mp4" ${third:+"$work/third.mp4"} >"$work/fifo" 2>"$work/err" &
	run=$!
	while read -r line; do
		case $line in *'"redacted"'*) "$@" >/dev/null 2>&1 ;; esac
		echo "$line"
	done <"$work/fifo" >"$work/out"
	rm "$work/fifo"
	wait $run
	ended=$?
}
is "switched off, it stops at the next clip and leaves nothing" eval 'during "$scrim" export off --settings "$work/settings" && [ $ended = 22 ] && nothing_is_left && says "nothing was exported, since .* switched export on"'
is "so it does when somebody withdraws" eval 'during "$scrim" consent withdraw doorstep-2026 && [ $ended = 26 ] && nothing_is_left'
minor() { jq '.people[1].age_class = "minor"' "$work/$1.mp4.json" >"$work/minor" && mv "$work/minor" "$work/$1.mp4.json"; }
is "what is changed before a clip is redacted is seen" eval 'third=yes during minor third; [ $ended = 1 ] && says "third.mp4.json: it was changed" && opened && manifest "(.items | length) == 2"'
is "and what is changed after" eval 'during minor a; [ $ended = 1 ] && says "a.mp4.json: it was changed" && [ -z "$(given)" ] && export_ 3 "$work/a.mp4" "$work/slow.mp4" && says "a.mp4: E_"'
is "another export waits for its turn" eval 'during status 1 "$scrim" export --campaign "$offer" --to example-vision --settings "$work/settings" "$work/a.mp4"; [ $ended = 0 ]'
is "on asks to be accepted" eval 'status 0 "$scrim" export off --settings "$work/settings" && status 2 "$scrim" export on --settings "$work/settings" && says "accept" && grep -q "^allow = no" "$work/settings" && status 0 "$scrim" export on --accept --settings "$work/settings" && grep -q "^allow = yes" "$work/settings"'
is "and who is suspended stays so" eval 'printf "[export]\nallow = yes\nsuspended = example-vision\n" >"$work/settings"; "$scrim" export off --settings "$work/settings" >/dev/null && "$scrim" export on --accept --settings "$work/settings" >/dev/null && grep -q "^suspended = example-vision" "$work/settings"'
is "each switch is in the ledger" eval '[ "$(jq -r "select(.kind == \"switch\").fields.export" "$store/export.log" | tail -2 | paste -sd " ")" = "off on" ]'

# Encryption that is none, and what the program that encrypts may do.
with_age() {	# SCRIPT COMMAND...
	printf '#!/bin/sh\n%s\n' "$1" >"$work/age"
	chmod 755 "$work/age"
	shift
	unshare -m sh -c 'mount --bind "$0" /usr/bin/age && exec "$@"' "$work/age" "$@"
}
broken() { fresh; item a .; status 1 with_age "$1" "$scrim" export --campaign "$offer" --to example-vision --settings "$work/settings" "$work/a.mp4" && says "$2" && [ -z "$(given)" ] && [ -z "$(find "$outbox" -type f 2>/dev/null)" ]; }
if unshare -m true 2>/dev/null; then
	is "a program that only copies is found out" broken 'exec cat' 'not encrypted as age does'
	is "so is one that only begins like age" broken 'printf "age-encryption.org/v1\n-> X25519 x\ny\n--- z\n"; exec cat' 'not as long as what is encrypted'
	is "and one with another recipient" broken 'printf "age-encryption.org/v1\n-> X25519 x\ny\n-> X25519 z\ny\n--- z\n"; exec cat' 'not for one recipient'
	echo secret >"$work/secret"
	is "the program that encrypts can open no file of ours" broken "cat '$work/secret'; exit 1" 'Permission denied'
	is "nor write one" broken "echo x >'$work/written'; exit 1" 'Permission denied'
else
	skip "encryption that is none is found out" "there are no mount namespaces here"
fi

# Killed: at each of the calls that change what is on the disk.
if strace -o /dev/null true 2>/dev/null; then
	network() {
		fresh; item a .
		strace -f -qq -e trace=socket,socketpair,connect,bind,sendto,sendmsg -e signal=none -o "$work/trace" "$scrim" export \
			--campaign "$offer" --to example-vision --settings "$work/settings" -q "$work/a.mp4" && [ -n "$(given)" ] &&
			! grep -v -e '+++' -e '^$' "$work/trace"
	}
	is "it speaks to nobody" network
	# Never anything in the outbox that is not age's, nor under a name that the ledger does not have.
	sound() {
		local file

		for file in $(find "$outbox" -type f 2>/dev/null); do
			[ "$(head -c 21 "$file")" = age-encryption.org/v1 ] || { echo "$file is not encrypted"; return 1; }
		done
		for file in $(given); do
			grep -q "\"file\":\"$(basename "$file")\"" "$store/export.log" || { echo "$file is in no ledger"; return 1; }
		done
	}
	killed=0
	fresh; item a .
	cp -a "$work/state" "$work/base"
	kill_at() {	# CALL N: 1 when it was not killed any more
		rm -rf "$work/state"; cp -a "$work/base" "$work/state"
		strace -qq -o /dev/null -e trace="$1" -e inject="$1:signal=KILL:when=$2" "$scrim" export --campaign "$offer" \
			--to example-vision --settings "$work/settings" -q "$work/a.mp4" >"$work/out" 2>"$work/err"
		[ $? = 137 ] || return 1
		killed=$((killed + 1))
		sound && export_ 0 "$work/a.mp4" && sound && [ "$(given | wc -l)" = 1 ] && [ "$(left)" = "$(given)" ] &&
			[ "$(jq -r 'select(.kind == "bundle").fields.sha256' "$store/export.log")" = "$(sha256sum "$(given)" | cut -d' ' -f1)" ] ||
			{ echo "killed at $1 $2"; left; bad=1; }
	}
	bad=0
	all_killed() {
		# EXPORT_KILLS=1: at each; else at some of the many that only write papers or clean up.
		for each in renameat2:1 linkat:1 mkdirat:1 fsync:${EXPORT_KILLS:-3} unlinkat:${EXPORT_KILLS:-6}; do
			for ((n = 1; n < 60; n += ${each#*:})); do kill_at "${each%:*}" $n || break; done
		done 2>/dev/null
		[ $bad = 0 ] && [ $killed -gt 30 ]
	}
	is "killed at any write, it leaves nothing half, and the next run ends it" all_killed
	echo "# killed $killed times"
	# The second entry is the bundle's: it is given, and has no name yet.
	waits() {
		rm -rf "$work/state" "$work/away"; cp -a "$work/base" "$work/state"
		strace -qq -o /dev/null -e trace=fdatasync -P "$store/export.log" -e inject=fdatasync:signal=KILL:when=2 \
			"$scrim" export --campaign "$offer" --to example-vision --settings "$work/settings" -q "$work/a.mp4" 2>/dev/null
		[ -z "$(given)" ] && grep -q '"kind":"bundle"' "$store/export.log" && mv "$outbox" "$work/away" && mkdir "$outbox" || return 1
		export_ 1 "$work/a.mp4" && says "was given, and is not in" && export_ 1 "$work/a.mp4" && rmdir "$outbox" &&
			export_ 1 --json "$work/a.mp4" && says '"waiting":1' || return 1
		mv "$work/away" "$outbox" && export_ 0 "$work/a.mp4" && [ ! -s "$work/err" ] && [ -n "$(given)" ] && [ "$(left)" = "$(given)" ]
	}
	is "what was given waits for its outbox" waits
	# Its place is gone before the rest is, and whoever took the file away hears nothing of it.
	taken_away() {
		rm -rf "$work/state"; cp -a "$work/base" "$work/state"
		export_ 0 "$work/a.mp4" && mkdir -m 700 "$store/stage/$(jq -r 'select(.kind == "bundle").fields.bundle' "$store/export.log")" &&
			rm "$(given)" && export_ 0 "$work/a.mp4" && [ ! -s "$work/err" ] && nothing_is_left && [ "$(ls "$store/stage" | paste -sd " ")" = "done lock" ]
	}
	is "and what has its name is not looked for" taken_away
	resumed() {
		rm -rf "$work/state"; cp -a "$work/base" "$work/state"
		strace -qq -o /dev/null -e trace=linkat -e inject=linkat:signal=KILL:when=2 "$scrim" export --campaign "$offer" \
			--to example-vision --settings "$work/settings" -q "$work/a.mp4" 2>/dev/null
		export_ 0 --json "$work/a.mp4" && grep -q '"reused":true' "$work/out"
	}
	is "what was redacted before is taken up" resumed
	spoilt() {
		rm -rf "$work/state"; cp -a "$work/base" "$work/state"
		strace -qq -o /dev/null -e trace=linkat -e inject=linkat:signal=KILL:when=2 "$scrim" export --campaign "$offer" \
			--to example-vision --settings "$work/settings" -q "$work/a.mp4" 2>/dev/null
		cp "$work/b.mp4" "$(echo "$store"/stage/done/*.mp4)" && export_ 0 --json "$work/a.mp4" && grep -q '"reused":false' "$work/out"
	}
	is "but not what somebody put there" spoilt
else
	skip "what a killed export leaves" "strace cannot trace here"
fi
exit $failed
