#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The real models compute what their files say: the engine's numbers against those
# of a plain evaluator of the same graph.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
: "${SCRIM_DATA:=$PWD/build/data}" "${SCRIM_NET:=$PWD/build/bench/net}"

model=$SCRIM_DATA/../share/scrim/face.onnx
for size in 64x48 96x72 33x65; do
	name="the network's numbers are those of its definition at $size"
	if [ -x "$SCRIM_NET" ] && [ -f "$model" ]; then
		is "$name" "$SCRIM_NET" --plain "$model" $size
	else
		echo "skip - $name # no ${SCRIM_NET##*/} or no ${model##*/}"
	fi
done
exit $failed
