#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Fact 57, for facts.sh: what pages say of what happens when nobody says otherwise is what happens.
set -u
cd "$(dirname "$0")/../.." || exit
scrim=$(realpath "${SCRIM:-build/bin/scrim}") || exit
here=$PWD/tests/consent
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
export XDG_STATE_HOME=$work/state HOME=$work
offer=$here/campaign.json

for tool in mandoc ffmpeg ffprobe; do
	[ -n "$(command -v $tool)" ] || { echo "57 skip there is no $tool"; exit; }
done

# As somebody reads it, in one line.
text() {
	case $1 in
	*.[1-8]) mandoc -T ascii "$1" | sed 's/.\x08//g' ;;
	*) cat "$1" ;;
	esac | tr -s ' \n' ' '
}

printf '[camera porch]\npurpose = a test\n[region porch/a]\npolygon = 0,0 1,0 1,1\n' >"$work/conf"
camera() { [ "$("$scrim" policy show --json "$work/conf" | jq -r ".[0]$1")" = "$2" ]; }

consent() {
	rm -rf "$work/state"
	[ "$("$scrim" consent grant "$offer" --age adult --notice-sha256 "$(jq -r .notice.sha256 "$offer")" --json 2>/dev/null | jq -r "$1")" = "$2" ]
}

# No file, and one with a word too many.
export_is_off() {
	local off=0

	printf '[export]\nallow = yes\nmore = yes\n' >"$work/more"
	for settings in "$work/none" "$work/more"; do
		"$scrim" explain "$here/item.json" --campaign "$offer" --to example-vision --settings "$settings" >"$work/out" 2>&1
		case $?,$settings in
		22,*none | 2,*more) off=$((off + 1)) ;;
		esac
	done
	[ $off -eq 2 ]
}

without_sound_and_metadata() {
	ffmpeg -v error -y -f lavfi -i testsrc=duration=1:rate=5:size=96x64 -f lavfi -i sine=d=1 -metadata title=secret -pix_fmt yuv420p "$work/in.mp4" &&
		"$scrim" redact -q --detector none --faces show "$work/in.mp4" -o "$work/out.mp4" --force &&
		[ "$(ffprobe -v error -show_entries stream=codec_type -of csv=p=0 "$work/out.mp4")" = video ] &&
		! grep -q -a secret "$work/out.mp4"
}

claims=0 wrong=0
while IFS='|' read -r -u 3 page words check; do
	case $page in '#'*) continue ;; esac
	claims=$((claims + 1))
	if ! text "$page" | grep -q -F -e "$words"; then
		echo "$page does not say: $words" >&2
	elif ! eval "$check"; then
		echo "$page says, and it is not so: $words" >&2
	else
		continue
	fi
	wrong=$((wrong + 1))
done 3<"$here/claims"
if [ $wrong -eq 0 ] && [ $claims -gt 9 ]; then
	echo "57 pass $claims claims of the pages and README about what happens when nobody says otherwise"
else
	echo "57 FAIL $wrong of $claims claims are not so"
fi
