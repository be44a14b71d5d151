#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# make demo, as README.md promises it: it ends by naming pictures, and they are
# there.  That faces in them are covered is for other tests.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
unset MAKEFLAGS MAKELEVEL
tmp=$(mktemp -d) || exit
trap 'rm -rf "$tmp"' EXIT

demo() { make demo >"$tmp/out" 2>&1 </dev/null || { tail -n 20 "$tmp/out"; return 1; }; }
no_setup() { ! grep '^setup:' "$tmp/out"; }
picture() { ffprobe -v error "$1" >/dev/null; }
changed() { picture "$2" && ! cmp -s "$1" "$2"; }
frames() { ffprobe -v error -count_frames -show_entries stream=nb_read_frames -of csv=p=0 "$1" | tr -d ,; }
same_length() { local n; n=$(frames "$1") && [ "$n" = "$(frames "$2")" ]; }

rm -rf build/demo
is "make demo succeeds" demo
is "set-up that has been done is not done again" no_setup
is "it ends by naming what to look at" test "$(tail -n 5 "$tmp/out" | grep -c " $PWD/build/demo/")" -eq 5
is "the contact sheet is a picture" picture build/demo/sheet.png
for photo in build/data/photos/*.jpg; do
	name=$(basename "$photo")
	is "$name came out as another picture" changed "$photo" "build/demo/photos/$name"
done
is "the clip has as many frames as before" same_length build/data/vtest.avi build/demo/vtest.mp4
went() { [ "$(grep -c -E "^  $1 +$2 +$3 " "$tmp/out")" -eq 1 ]; }
is "a clip with everybody's consent left" went staged.mp4 went ALLOW
is "so did the neighbour's" went neighbour.mp4 went ALLOW
is "that of a child stayed" went child.mp4 stayed E_MINOR
is "that of a guest who took the consent back stayed" went guest.mp4 stayed E_NOCONSENT
is "that of somebody who was never asked stayed" went stranger.mp4 stayed E_NOCONSENT
is "two clips were received, and no other" test "$(find build/demo/consent/received -name '*.mp4' | wc -l)" -eq 2
is "they can be compared with what was there" picture build/demo/consent/before-and-after.png
exit $failed
