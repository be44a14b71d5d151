#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# second.sh MODEL SENT GOT...: judge.py's question, put to another face network than the one that
# covered: MODEL, as scrim redact --model takes it.  None of that kind comes with a package, so
# this is for who has one: SCRIM_JUDGE=MODEL for check.sh.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
model=$1 sent=$2; shift 2

# faces PICTURE...: how many in each, a line each.
faces() {
	local path

	for path; do
		build/bin/scrim redact --model "$model" --json --force -o "$work/out.jpg" "$path" |
			jq -r --arg path "$path" 'select(.event == "done") | "\(.faces) \($path)"' || echo "failed $path"
	done
}
all_have() { [ -s "$1" ] && ! grep '^[0f]' "$1"; }
none_has() { [ -s "$1" ] && ! grep -v '^0 ' "$1"; }

faces "$sent"/640x480-*.jpg >"$work/sent"
is "another network finds faces in each of the $(wc -l <"$work/sent") pictures that the camera sent" all_have "$work/sent"
for folder; do
	faces "$folder"/*.jpg >"$work/got"
	is "it finds none in the $(wc -l <"$work/got") that ${folder##*/} got" none_has "$work/got"
done
exit $failed
