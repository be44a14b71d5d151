#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What it costs to cover the faces in a 1080p frame: scrim beside the face
# filters that Debian has for ffmpeg and GStreamer.
#
# CPU time (user and system) of each program over the same clip, less that of the
# same program with the filter left out, a frame.  Medians over rounds in which
# everybody has a turn.  facebl0r looks for faces again after some 25 frames and
# follows them in between, faceblur looks at every frame.
#
#	scrim	--faces fill, less --faces show; both write raw video.  scrim looks
#		at a file twice, so decoding for the second look is counted
#	facebl0r	frei0r, less the conversion to the pixels that it takes
#	faceblur	GStreamer, less the conversion to the pixels that it takes
set -u
rounds=${ROUNDS:-5}
frames=60		# for scrim and facebl0r
few=12			# for faceblur, which takes half a second for each
scrim=${SCRIM:-build/bin/scrim}
clip=${SCRIM_CLIP:-build/bench/clip.y4m}
cascade=/usr/share/opencv4/haarcascades/haarcascade_frontalface_default.xml

dir=$(mktemp -d "${clip%/*}/XXXXXX") || exit
trap 'rm -rf "$dir"' EXIT
export OMP_NUM_THREADS=1 OPENCV_FOR_THREADS_NUM=1

scrim() {
	rm -f "$dir/out.y4m"
	"$scrim" redact "$clip" -o "$dir/out.y4m" --faces "$1" --quiet
}
ff() { ffmpeg -v error -nostdin -threads 1 -filter_threads 1 -i "$clip" -vf "$1" -f null -; }
gst() {
	gst-launch-1.0 -q filesrc location="$dir/few.yuv" ! \
		rawvideoparse width=1920 height=1080 format=i420 framerate=25/1 ! \
		videoconvert ! video/x-raw,format=RGB ! "$@" videoconvert ! \
		video/x-raw,format=I420 ! fakesink sync=false
}

scrim_base() { scrim show; }
scrim_full() { scrim fill; }
facebl0r_base() { ff format=bgra,format=yuv420p; }
facebl0r_full() { ff "format=bgra,frei0r=facebl0r:$cascade,format=yuv420p"; }
faceblur_base() { gst; }
faceblur_full() { gst faceblur profile=$cascade !; }

# CPU seconds of a command, or nothing when it fails.
cpu() {
	local TIMEFORMAT='%3U %3S'

	{ time "$@" >"$dir/said" 2>&1 || echo failed; } 2>&1 |
		awk '/failed/ { exit } { print $1 + $2 }'
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
# ms_per_frame NAME FRAMES
ms_per_frame() {
	echo "$(median <"$dir/$1_full") $(median <"$dir/$1_base") $2" | awk '{ print 1000 * ($1 - $2) / $3 }'
}

ffmpeg -v error -nostdin -i "$clip" -vf "select='not(mod(n,5))'" -fps_mode passthrough \
	-frames:v $few -f rawvideo "$dir/few.yuv" || exit
for ((round = 0; round < rounds; round++)); do
	for who in scrim facebl0r faceblur; do
		for what in base full; do
			took=$(cpu ${who}_$what)
			[ -n "$took" ] || { echo "$who cannot run: $(tail -n 1 "$dir/said")"; exit 1; }
			echo "$took" >>"$dir/${who}_$what"
		done
	done
done

ours=$(ms_per_frame scrim $frames)
printf '  %-10s %9s %7s\n' '' ms/frame ratio
for who in scrim facebl0r faceblur; do
	n=$frames
	[ $who != faceblur ] || n=$few
	echo "$who $(ms_per_frame $who $n) $ours" | awk '{ printf "  %-10s %9.1f %7.1f\n", $1, $2, $2 / $3 }'
done
echo "  1080p, $frames frames ($few for faceblur), median of $rounds rounds, decoding and writing left out"
