#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# bench.sh [NAME...]: runs the benchmarks in build/bench and tests/bench, or only
# those named, one after the other on one core.  They print medians and ratios;
# nothing passes or fails.
set -u
cd "$(dirname "$0")/.." || exit
export SCRIM=$PWD/build/bin/scrim SCRIM_DATA=$PWD/build/data SCRIM_CLIP=$PWD/build/bench/clip.y4m
model=$PWD/build/share/scrim/face.onnx
core=$(($(nproc --all) - 1))		# the first one gets most of the interrupts

# A camera that pans and zooms over three photos with faces: 60 frames, 1080p.
make_clip() {
	ffmpeg -v error -nostdin -y -i "$SCRIM_DATA/photos/sample1.jpg" -i "$SCRIM_DATA/photos/sample4.jpg" \
		-i "$SCRIM_DATA/photos/sample6.jpg" -filter_complex "
		[0]zoompan=z=1.1:x='on*4':y='on*2':d=20:s=1920x1080:fps=25,setsar=1[a];
		[1]zoompan=z=1.2:x='on*3':y='on*5':d=20:s=1920x1080:fps=25,setsar=1[b];
		[2]zoompan=z=1.0+on/100:x='on*2':y='on*4':d=20:s=1920x1080:fps=25,setsar=1[c];
		[a][b][c]concat=n=3,format=yuv420p" -frames:v 60 "$SCRIM_CLIP.part.y4m" &&
	mv "$SCRIM_CLIP.part.y4m" "$SCRIM_CLIP"
}

# Photos with known faces, as accuracy and video read them: dlib's, unless
# SCRIM_FACES names others.
make_faces() {
	mkdir -p "$1"
	ln -sf "$SCRIM_DATA"/faces/*.jpg "$1"
	sed -n -E "s/.*<image file='(.*)' width='([0-9]+)' height='([0-9]+)'.*/image \1 \2 \3/p
		s/.*<box top='([0-9]+)' left='([0-9]+)' width='([0-9]+)' height='([0-9]+)'.*/\2 \1 \3 \4/p" \
		"$SCRIM_DATA"/faces/*.xml |
		awk '/^image/; !/^image/ { print $1, $2, $1 + $3, $2 + $4 }' >"$1/faces.txt"
}

run() {
	case $1 in
	stages | live)	"build/bench/$1" "$model" "$SCRIM_CLIP" ;;
	ledger)	rm -rf build/bench/disk && mkdir build/bench/disk && build/bench/ledger build/bench/disk
		rm -rf build/bench/disk ;;
	accuracy | net | video)	"build/bench/$1" "$model" ;;
	recognise) build/bench/recognise "$SCRIM_DATA/fr_feature.onnx" "$model" "$SCRIM_DATA"/{faces,photos}/*.jpg ;;
	*)	if [ -e "tests/bench/$1.sh" ]; then "tests/bench/$1.sh"; else "build/bench/$1"; fi ;;
	esac
}

mkdir -p build/bench
[ -e "$SCRIM_CLIP" ] || make_clip || exit
[ -n "${SCRIM_FACES-}" ] || make_faces "${SCRIM_FACES:=$PWD/build/bench/faces}"
export SCRIM_FACES
taskset -cp $core $$ >/dev/null
echo "machine: $(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1), $(nproc --all) cores, one used"
echo "load:    $(cut -d' ' -f1 /proc/loadavg) (above 0.5 the figures are worth little)"
for name in $(find tests/bench -name '*.c' -o -name '*.sh' | sed 's|.*/||; s|\..*||' | sort -u); do
	if [ $# -eq 0 ] || [[ " $* " = *" $name "* ]]; then
		printf '\n%s\n' "$name"
		run "$name"
	fi
done
