# SPDX-License-Identifier: GPL-2.0
#
# For attacks on scrim export, sourced: the owner of clips, somebody else, what both need, and what
# tells whether something got out.  $only is a word in the names of those that are wanted; programs
# that are needed beside the usual ones are in $tools.
. tests/consent/persons.sh
scrim=$(realpath "${SCRIM:-build/bin/scrim}") || exit

for tool in age age-keygen ffmpeg jq setpriv unshare ${tools-}; do
	[ -n "$(command -v $tool)" ] || { echo "32 skip there is no $tool"; exit; }
done
[ "$(id -u)" = 0 ] || { echo "32 skip it needs root to be two users"; exit; }
[ -e build/share/scrim/face.onnx ] || { echo "32 skip there is no face model"; exit; }
if [ -z "${ATTACKS_MOUNTS-}" ]; then
	unshare -m true 2>/dev/null || { echo "32 skip there are no mount namespaces here, as in a chroot"; exit; }
	ATTACKS_MOUNTS=1 exec unshare -m "$0" "$@"
fi
work=$(TMPDIR=/tmp mktemp -d) || exit
trap 'umount /etc "$work/etc"; rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir -p "$work/bin" "$work/share/scrim" "$work/out"
own_etc || exit
printf '[export]\nallow = yes\n' >/etc/scrim/export.conf
cp "$scrim" "$work/bin/" && cp build/share/scrim/face.onnx "$work/share/scrim/" || exit
tool=$work/bin/scrim
me=60011 other=60012

as() { setpriv --reuid "$1" --regid "$1" --clear-groups timeout -k 5 100 env HOME="$work/$1" XDG_STATE_HOME="$work/$1" TMPDIR="$work/$1/tmp" "${@:2}"; }
home=$work/$me
store=$home/scrim/consent
offer=$home/offer.json
age-keygen -o "$work/key" 2>/dev/null
age-keygen -o "$work/foe" 2>/dev/null

# clip NAME SOURCE SECONDS PERSON
clip() {
	ffmpeg -v error -y -f lavfi -i "$2size=96x64:rate=10:duration=$3" -pix_fmt yuv420p "$work/clips/$1.mp4" </dev/null || exit
	item "$work/clips/$1.mp4" "$4"
}
# item CLIP PERSON: it is of now.
item() {
	jq --arg now "$(date -u +%Y-%m-%dT%H:%M:%SZ)" --arg sha "$(sha256sum "$1" | cut -d' ' -f1)" --arg who "$2" \
		'.captured = {from: $now, until: $now} | .sha256 = $sha | .people[0].id = $who' tests/consent/item.json >"$1.json"
}
# The actor agrees with a key of his own, once.
campaign() { jq --arg key "$(age-keygen -y "$work/key")" '.recipients[0].pubkey = $key' tests/consent/campaign.json >"$offer"; }
offer=$work/offer.json
campaign && XDG_STATE_HOME=$work/state apart actor --role participant || exit
chmod 644 "$work/actor.consent"
offer=$home/offer.json

mkdir "$work/clips"
clip open testsrc= 1 owner
clip slow testsrc= 2 owner
clip long testsrc= 40 owner
clip closed color=green: 1 stranger

status() {
	local wanted=$1 got; shift

	"$@" >"$work/said" 2>&1 </dev/null
	got=$?
	[ $got -eq "$wanted" ] || { echo "status $got, not $wanted: $*" >&2; cat "$work/said" >&2; return 1; }
}
says() { grep -q -e "$1" "$work/said" || { cat "$work/said" >&2; return 1; }; }
# give STATUS CLIP...: as the owner of the clips.
give() { status "$1" as $me "$tool" export --campaign "$offer" --to example-vision "${@:2}"; }
grant() { as $me "$tool" consent grant "$offer" --age adult --notice-sha256 "$(jq -r .notice.sha256 "$offer")" "$@" >/dev/null 2>&1; }
# A home for each, the owner's with two consents and the clips.
fresh() {
	rm -rf "${work:?}/$me" "${work:?}/$other" "$work/out"
	install -d -m 700 -o $me -g $me "$home" "$home/tmp" && install -d -m 700 -o $other -g $other "$work/$other" "$work/$other/tmp" || return
	install -d -m 1777 "$work/out"
	campaign
	cp "$work"/clips/* "$home/" && chown -R $me:$me "$home" && grant --subject owner && as $me "$tool" consent take "$work/actor.consent" >/dev/null || return
	item "$home/open.mp4" owner && item "$home/slow.mp4" owner && item "$home/long.mp4" owner && item "$home/closed.mp4" stranger
}
green() {
	local rgb

	read -ra rgb < <(ffmpeg -v error -i "$1" -frames:v 1 -vf scale=1:1 -f rawvideo -pix_fmt rgb24 - </dev/null | od -An -tu1)
	[ "${#rgb[@]}" != 3 ] || [ $((rgb[1] - rgb[0])) -gt 60 ]
}
bundles() { find "$work" -name '*.age' -type f -o -name '*.age.part' -type f; }
# Whether anything got out: a bundle with the green clip, or one that is not encrypted.
leaks() {
	local bundle clip

	for bundle in $(bundles); do
		rm -rf "$work/opened" && mkdir "$work/opened" || return 0
		age -d -i "$work/key" "$bundle" 2>/dev/null | tar -C "$work/opened" -xf - 2>/dev/null || { echo "$bundle is not for the recipient" >&2; return 0; }
		for clip in "$work"/opened/items/*.mp4; do
			! green "$clip" || { echo "green: $clip of $bundle" >&2; return 0; }
		done
	done
	return 1
}
# attack NAME "WHAT SHOWS IT" FUNCTION, which returns 77 where it could not succeed, with the reason
# in $work/why.
attack() {
	local ret

	[[ $1 = *$only* ]] || return
	fresh || { echo "32 FAIL $1: nothing to attack"; return; }
	"$3"
	ret=$?
	if [ $ret = 77 ]; then
		echo "32 skip $1: $(cat "$work/why")"
	elif [ $ret = 0 ] && ! leaks; then
		echo "32 pass $1: $2"
	else
		echo "32 FAIL $1: $2"
	fi
}

# What would be seen: somebody agrees for the stranger, and the green clip goes.
control() { fresh && grant --subject stranger && item "$home/closed.mp4" stranger && give 0 "$home/closed.mp4" && leaks 2>"$work/said" && says '^green'; }

