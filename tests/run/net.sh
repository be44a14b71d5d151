#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The real models compute what their files say: the engine's numbers against those
# of a plain evaluator of the same graph.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
: "${SCRIM_DATA:=$PWD/build/data}" "${SCRIM_NET:=$PWD/build/bench/net}"

# agrees MODEL WHAT SIZE
agrees() {
	local name="$2 are those of its definition at $3"

	if [ -x "$SCRIM_NET" ] && [ -f "$1" ]; then
		is "$name" "$SCRIM_NET" --plain "$1" "$3"
	else
		skip "$name" "no ${SCRIM_NET##*/} or no ${1##*/}"
	fi
}

for size in 64x48 96x72 33x65; do
	agrees "$SCRIM_DATA/../share/scrim/face.onnx" "the network's numbers" $size
done
agrees "$SCRIM_DATA/fr_feature.onnx" "the recogniser's numbers" 112x112
exit $failed
