#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A filled face is recognised no better than by guessing, neither among clear
# faces nor among filled ones; what mosaic and blur let through is said.
#
# Guessing finds one face, however many there are.  A filled face is the same
# picture for all, so that exactly one is counted; two are allowed.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
: "${SCRIM_DATA:=$PWD/build/data}" "${SCRIM_RECOGNISE:=$PWD/build/bench/recognise}"
recogniser=$SCRIM_DATA/fr_feature.onnx
detector=$SCRIM_DATA/../share/scrim/face.onnx

for file in "$SCRIM_RECOGNISE" "$recogniser" "$detector" "$SCRIM_DATA"/{faces/2007_007763,photos/sample1}.jpg; do
	[ -e "$file" ] || { skip "covered faces are not recognised" "no ${file#"$PWD/"}"; exit; }
done
said=$("$SCRIM_RECOGNISE" "$recogniser" "$detector" "$SCRIM_DATA"/{faces,photos}/*.jpg)
echo "$said"

# hits METHOD GALLERY
hits() {
	awk -v method="$1" -v gallery="$2" '$1 == method && $2 == "box" {
		print gallery == "clear" ? $3 : $6 }' <<<"$said"
}
n=$(awk '$2 == "faces;" { print $1 }' <<<"$said")
found() { echo "$(hits "$1" clear) of $n in a clear gallery, $(hits "$1" like) in a like one"; }

# The first number is there and not less (more) than the second.
at_least() { [ -n "$1" ] && awk "BEGIN { exit !($1 >= $2) }"; }
at_most() { [ -n "$1" ] && awk "BEGIN { exit !($1 <= $2) }"; }

is "faces that the test is made with: ${n:=0}" [ "$n" -ge 50 ]
is "shown faces are recognised: $(hits show clear) of $n" at_least "$(hits show clear)" "$n * .95"
is "filled faces are recognised by chance (1 of $n) in a clear gallery: $(hits fill clear)" \
	at_most "$(hits fill clear)" 2
is "filled faces are recognised by chance (1 of $n) in a like gallery: $(hits fill like)" \
	at_most "$(hits fill like)" 2
for method in mosaic blur; do
	is "$method: $(found $method)" at_least "$(hits $method like)" 0
done
exit $failed
