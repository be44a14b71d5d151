#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Programs that people have, behind scrim run, as root and as an ordinary user: pictures come,
# and a judge who knows nothing of us finds no face in them and no pixel of a filled region.
# There is no camera and no driver, and most of them find the camera by looking before they open.
# APPS="mpv vlc" tries these alone.
# shellcheck disable=SC2034 # for tests/run.sh
limit=900
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
data=${SCRIM_DATA:-build/data}
built=$(realpath "$(dirname "${SCRIM:-build/bin/scrim}")/..") || exit
work=$(TMPDIR=/tmp mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
user=1000	# has no need of a name

if [ ! -e /dev/fuse ]; then
	skip "programs get pictures" "this kernel has no FUSE"
	exit 0
fi
if [ ! -e "$built/share/scrim/face.onnx" ]; then
	skip "programs get pictures" "there is no face model"
	exit 0
fi

# What an ordinary user can read, wherever this is.
mkdir -p "$work/scrim/lib"
cp -rL "$built/bin" "$built/share" "$work/scrim"
cp -rL "$built/lib/scrim" "$work/scrim/lib"
cp tests/run/browser.py "$work"

# Three photos with faces, and a patch of magenta in a corner that the policy fills.
mkdir "$work/sent" "$work/clip"
frame=0
for i in 3 4 6; do
	ffmpeg -v error -nostdin -i "$data/photos/sample$i.jpg" -q:v 2 \
		-vf "scale=640:480:force_original_aspect_ratio=increase,crop=640:480,drawbox=0:368:152:112:magenta:fill" "$work/sent/$i.jpg"
	for _ in 1 2 3 4 5; do
		ln -s "../sent/$i.jpg" "$work/clip/$((frame++ + 10)).jpg"
	done
done
ffmpeg -v error -nostdin -framerate 20 -start_number 10 -i "$work/clip/%02d.jpg" -c:v mpeg4 -q:v 2 -pix_fmt yuv420p "$work/photos.mp4"
printf '[camera run]\npurpose = a test\nfaces = fill\n[region run/patch]\npolygon = 0,0.75 0.25,0.75 0.25,1 0,1\n' >"$work/faces.conf"
# For v4l2-compliance, which takes a camera that is late for one that drops: nothing is detected.
ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=320x240:r=20:d=1 -c:v mpeg4 -q:v 2 "$work/steady.mp4"
printf '[camera run]\npurpose = a test\nfaces = show\ndetector = none\n' >"$work/steady.conf"
flags="-O2 -Wall -Wextra -Werror"
# shellcheck disable=SC2086 # words
gcc $flags -static -o "$work/static" tests/wrap/reader.c &&
	gcc $flags -nostdlib -static -fno-stack-protector -o "$work/raw" tests/wrap/raw.c || exit

# as COMMAND...: as $who; what is said goes to the log.
as() {
	local as=(env -u XDG_RUNTIME_DIR "HOME=$home" "TMPDIR=$home" "GST_REGISTRY=$home/gst")

	[ "$who" = "$(id -u)" ] || as=(setpriv --reuid "$who" --regid "$who" --clear-groups "${as[@]}")
	timeout -k 5 60 "${as[@]}" "$@" >>"$out.log" 2>&1 </dev/null
}
scrim=$work/scrim/bin/scrim
from=(--source "$work/photos.mp4" --policy "$work/faces.conf")
# run COMMAND...: the same behind scrim run.
run() { as "$scrim" run "${from[@]}" -- "$@"; }
steady() { as "$scrim" run --source "$work/steady.mp4" --policy "$work/steady.conf" -- "$@"; }
# jpegs ARGUMENT...: pictures of what ffmpeg reads so.
jpegs() { ffmpeg -v error -nostdin "$@" -q:v 2 "$out/%03d.jpg" >>"$out.log" 2>&1; }
yuyv() { jpegs -f rawvideo -pixel_format yuyv422 -video_size 640x480 -i "$out.raw"; rm -f "$out.raw"; }

# The programs.  $out is an empty folder for pictures.
app_ffmpeg() { run ffmpeg -v error -nostdin -f v4l2 -i /dev/video0 -frames:v $pictures -q:v 2 "$out/%03d.jpg"; }
gst() { run "$@" gst-launch-1.0 -q v4l2src num-buffers=$pictures ! videoconvert ! jpegenc quality=95 ! multifilesink "location=$out/%03d.jpg"; }
app_gstreamer() { gst env; }
app_gstreamer_libv4l2() { gst env GST_V4L2_USE_LIBV4L2=1; }
app_opencv() {
	run /usr/bin/python3 -c "if True:
		import cv2
		camera = cv2.VideoCapture('/dev/video0', cv2.CAP_V4L2)
		for i in range($pictures):
		    cv2.imwrite('$out/%03d.jpg' % i, camera.read()[1])"
}
app_mpv() { run mpv --no-config --no-audio --frames=$pictures --vo=image --vo-image-format=jpg --vo-image-jpeg-quality=95 --vo-image-outdir="$out" av://v4l2:/dev/video0; }
app_vlc() {
	run timeout -s INT $((pictures / 6)) cvlc --no-audio --sout "#transcode{vcodec=mjpg,venc=avcodec{strict=-1},vb=20000}:std{access=file,mux=mpjpeg,dst=$out.mjpg}" v4l2:///dev/video0
	[ $? = 124 ] && jpegs -f mpjpeg -i "$out.mjpg"
}
app_motion() {
	printf '%s\n' 'videodevice /dev/video0' 'width 640' 'height 480' 'framerate 20' 'emulate_motion on' 'picture_output on' \
		'picture_quality 95' 'movie_output off' 'text_left' 'text_right' 'webcontrol_port 0' 'stream_port 0' \
		"target_dir $out" >"$out.conf"
	run timeout -s INT $((pictures / 6)) motion -n -c "$out.conf"
	[ $? = 124 ]
}
app_fswebcam() { run fswebcam -q -d /dev/video0 -r 640x480 --no-banner --jpeg 95 -S $((pictures - 1)) "$out/1.jpg"; }
app_static_glibc() { run "$work/static" /dev/video0 $pictures "$out.raw" && yuyv; }
app_static_musl() {
	if [ ! -e "$work/musl" ]; then
		# shellcheck disable=SC2086 # words
		musl-gcc $flags -static -idirafter /usr/include -idirafter "/usr/include/$(gcc -dumpmachine)" -o "$work/musl" tests/wrap/reader.c || return
	fi
	run "$work/musl" /dev/video0 $pictures "$out.raw" && yuyv
}
app_system_calls() { run "$work/raw" /dev/video0 $pictures "$out.raw" && yuyv; }
# A format that the camera has not, which libv4l2 makes.
app_v4l2convert() {
	# shellcheck disable=SC2016 # for the inner shell
	run sh -c 'LD_PRELOAD='"$convert"':$LD_PRELOAD exec "$@"' sh ffmpeg -v error -nostdin -f v4l2 -pixel_format bgr24 -i /dev/video0 -frames:v $pictures -q:v 2 "$out/%03d.jpg"
}
app_chromium() {
	as /usr/bin/python3 "$work/browser.py" "$out" 15 50 "$scrim" run "${from[@]}" -- chromium --headless=new --disable-gpu \
		--no-first-run --use-fake-ui-for-media-stream --user-data-dir="$home/chromium"
}

# Whether more than black came; that is for the judge to say, but a file of black is small.
live() { [ -n "$(find "$out" -name '*.jpg' -size +16k -print -quit)" ]; }
# try NAME: one program as one user.  Until the camera is on it gets black, which takes long on
# a machine that has no time: so it may wait longer, once.
try() {
	local app=$1 out=$results/$1 pictures

	: >"$out.log"
	chmod 666 "$out.log"
	for pictures in 25 150; do
		rm -rf "$out"
		mkdir "$out"
		chown "$who" "$out"
		rm -f "$out.failed"
		"app_$app" || touch "$out.failed"
		! live || break
	done
}
# missing NAME: why this program cannot be tried; empty: it can.
missing() {
	local need

	case $1 in
	gstreamer*) need=gst-launch-1.0;;
	vlc) need=cvlc; [ "$who" != 0 ] || { echo "VLC does not run as root"; return; };;
	chromium) need=chromium; [ "$who" != 0 ] || { echo "as root Chromium has no sandbox of its own"; return; };;
	static_musl) need=musl-gcc;;
	opencv) /usr/bin/python3 -c 'import cv2' 2>/dev/null || echo "there is no OpenCV for Python"; return;;
	v4l2convert) [ -n "$convert" ] || echo "there is no v4l2convert.so"; return;;
	static_glibc | system_calls) return;;
	*) need=$1;;
	esac
	command -v "$need" >/dev/null || echo "there is no $need"
}
convert=$(find /usr/lib -name v4l2convert.so 2>/dev/null | head -n 1)
apps=${APPS-"ffmpeg gstreamer gstreamer_libv4l2 opencv mpv vlc motion fswebcam static_glibc static_musl system_calls v4l2convert chromium"}

all_of_one() {
	local who=$1 results=$work/$1 home=$work/home$1 app

	mkdir "$results" "$home"
	chown "$who" "$home" "$results"
	for app in $apps; do
		[ -n "$(missing "$app")" ] || try "$app"
	done
}
# The judge wants to see everything at once.
judge_of_one() {
	local who=$1 results=$work/$1 app why judged=() name

	[ "$who" = 0 ] && name=root || name="user $who"
	for app in $apps; do
		why=$(missing "$app")
		if [ -n "$why" ]; then
			skip "$app as $name" "$why"
			continue
		fi
		if [ -e "$results/$app.failed" ]; then
			cat "$results/$app.log"
			echo "not ok - $app as $name fails"
		fi
		mv "$results/$app" "$results/$app as $name"
		judged+=("$results/$app as $name")
	done
	[ -z "$apps" ] || /usr/bin/python3 tests/run/apps_judge.py "$work/sent" "${judged[@]}"
}

# passes COMMAND...: v4l2-compliance with streaming, everything passed and no warning.  A frame that
# is dropped because the machine had no time is a warning: it may try again.
passes() {
	local out=$work/compliance$who

	for _ in 1 2 3 4 5; do
		: >"$out.log"
		chmod 666 "$out.log"
		steady "$@" -s20 -d /dev/video0
		! grep -q '^Total.* Succeeded: [1-9][0-9]*, Failed: 0, Warnings: 0$' "$out.log" || return 0
	done
	tr '\r\t' '\n\n' <"$out.log" | grep -E 'warn|fail|FAIL|^Total' || cat "$out.log"
	return 1
}
compliance_of_one() {
	local who=$1 name trixie=$work/trixie home=$work/home$1

	[ "$who" = 0 ] && name=root || name="user $who"
	if command -v v4l2-compliance >/dev/null; then
		is "v4l2-compliance of this machine passes as $name" passes v4l2-compliance
	else
		skip "v4l2-compliance of this machine passes as $name" "there is none"
	fi
	if [ -e "$trixie" ]; then
		is "v4l2-compliance of Debian 13 passes as $name" passes "$trixie/usr/lib64/ld-linux-x86-64.so.2" \
			--library-path "$trixie/usr/lib/x86_64-linux-gnu" "$trixie/usr/bin/v4l2-compliance"
	else
		skip "v4l2-compliance of Debian 13 passes as $name" "$(tail -n 1 "$work/trixie.log")"
	fi
}

if trixie=$(tests/vm/compliance.sh 2>"$work/trixie.log" | tail -n 1) && [ -e "$trixie" ]; then
	cp -r "$trixie" "$work/trixie"
fi
users=$(id -u)
if [ "$users" = 0 ] && may_mount "$user"; then
	users="0 $user"
elif [ "$users" = 0 ]; then
	skip "programs as user $user" "$why"
fi
for who in $users; do
	{ all_of_one "$who"; compliance_of_one "$who"; judge_of_one "$who"; } >"$work/$who.said" 2>&1 &
done
wait
for who in $users; do
	cat "$work/$who.said"
	grep -q '^ok - ' "$work/$who.said" && ! grep -q '^not ok - ' "$work/$who.said" || failed=1
done
[ "$(id -u)" = 0 ] || skip "programs as root" "this is run by user $(id -u)"
exit $failed
