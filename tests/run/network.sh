#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Cameras in the network: real servers, that ask for passwords, go away and come back; and
# servers that mean harm.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
. tests/network/lib.sh
secret=tiger-lily-77

film -c:v libx264 -preset ultrafast -g 30 "$work/h264.mp4"
film -c:v libx265 -preset ultrafast -tag:v hvc1 -x265-params log-level=none:keyint=30 "$work/h265.mp4"
film -t 5 -c:v libx264 -preset ultrafast -g 15 -f mpegts "$work/film.ts"
film -t 2 -q:v 5 -f mjpeg "$work/small.mjpg"
ffmpeg -v error -nostdin -y -f lavfi -i testsrc2=size=640x360:rate=10:duration=2 -pix_fmt yuvj420p -f mjpeg "$work/large.mjpg"
cat "$work/small.mjpg" "$work/large.mjpg" >"$work/sizes.mjpg"

# serve ARGUMENT...: a camera at the next port; its process is in $server.
serve() {
	port=$((port + 1))
	: >"$work/server"
	/usr/bin/python3 tests/network/server.py "$1" $port "${@:2}" >"$work/server" 2>&1 &
	server=$!
	pids="$pids $server"
	waits '^ready' "$work/server"
}

# Addresses.
policy "rtsp://me:$secret@127.0.0.1/"
"$scrim" policy check "$work/policy" >"$work/said" 2>&1
is "a password in a policy is refused, with what to do" said 'porch.conf:5: device: .*file of mode 0600'
is "and is not printed" test "$(grep -c $secret "$work/said")" = 0
policy "rtspt://127.0.0.1/"
"$scrim" policy check "$work/policy" >"$work/said" 2>&1
is "another scheme is refused, with those that there are" said 'begins with rtsp://, rtsps://'
policy "rtsp://127.0.0.1/"
timeout 20 "$scrimd" --camera porch --feed null "${at[@]}" --device "rtsp://me:$secret@127.0.0.1/" >"$work/said" 2>&1
is "a password on scrimd's command line is refused" said 'do not belong in an address'
is "and is not repeated" test "$(grep -c $secret "$work/said")" = 0
timeout 20 "$scrim" run --source "rtsp://me:$secret@127.0.0.1/" true >"$work/said" 2>&1
is "nor on that of scrim run" said 'do not belong in an address'
is "where it is not repeated either" test "$(grep -c $secret "$work/said")" = 0
printf 'me:%s\n' $secret >"$work/secret"
chmod 640 "$work/secret"
policy "rtsp://127.0.0.1:1/" "credentials = $work/secret"
"$scrim" doctor --policy "$work/policy" >"$work/said" 2>&1
is "doctor sees who can read the password" said 'chmod 600'
chmod 600 "$work/secret"

# Pictures.
if ! /usr/bin/python3 -c 'import gi; gi.require_version("GstRtspServer", "1.0")' 2>/dev/null; then
	skip "RTSP" "there is no GStreamer RTSP server"
else
	serve rtsp "$work/h264.mp4"
	shows "H.264 by RTSP" "rtsp://127.0.0.1:$port/cam?key=$secret"
	is "its query is not in status" test "$(grep -c $secret "$work/json")" = 0
	is "nor in what is said" test "$(grep -c $secret "$work/said")" = 0

	again() { port=$((port - 1)); serve rtsp "$work/h264.mp4"; }
	comes_back "rtsp://127.0.0.1:$port/cam" again

	# A worker that stood still is not behind for long.
	worker=$(pgrep -P "$daemon" | tail -n 1)
	kill -STOP "$worker"
	sleep 3
	kill -CONT "$worker"
	before=$(jq '[.. | .frames? // empty] | max' "$work/json")
	is "after a pause there are pictures" frames $((before + 30))
	end
	is "and what was late is left out: $(grep -o '[0-9]* dropped' "$work/said" | tail -n 1)" \
		test "$(sed -n 's/.*, \([0-9]*\) dropped.*/\1/p' "$work/said" | tail -n 1)" -gt 0

	half_covered "rtsp://127.0.0.1:$port/cam"
	kill $server

	serve rtsp "$work/h265.mp4"
	shows "HEVC by RTSP" "rtsp://127.0.0.1:$port/cam"
	kill $server
	for scheme in digest basic; do
		serve rtsp "$work/h264.mp4" "me:$secret" $scheme
		shows "with a password, by $scheme" "rtsp://127.0.0.1:$port/cam" "credentials = $work/secret"
		is "the password is in no message" test "$(cat "$work/said" "$work/json" | grep -c $secret)" = 0
	done
	policy "rtsp://127.0.0.1:1/other" "credentials = $work/secret"
	begin --device "rtsp://127.0.0.1:$port/cam"
	is "a password is not for another camera than its own" waits 'wants a user and a password' "$work/said"
	end
	policy "rtsp://127.0.0.1:$port/cam"
	begin
	is "without one it is black, and that is said" waits 'wants a user and a password.*credentials; black' "$work/said"
	end
	printf 'me:wrong\n' >"$work/wrong"
	chmod 600 "$work/wrong"
	policy "rtsp://127.0.0.1:$port/cam" "credentials = $work/wrong"
	begin
	is "with a wrong one too" waits 'password is wrong; black' "$work/said"
	sleep 2
	is "which is not tried again at once" test "$(grep -c 'password is wrong' "$work/said")" = 1
	end
	kill $server
fi

serve http "$work/small.mjpg"
shows "JPEG pictures by HTTP" "http://127.0.0.1:$port/video.mjpg"
kill $server
serve http "$work/small.mjpg" "me:$secret"
shows "with a password" "http://127.0.0.1:$port/" "credentials = $work/secret"
kill $server
serve http "$work/film.ts"
shows "a transport stream by HTTP" "http://127.0.0.1:$port/"
kill $server
serve http "$work/sizes.mjpg"
policy "http://127.0.0.1:$port/"
begin
is "pictures that change their size are shown" frames 90
end
is "by one worker, in the size of the first" test "$(grep -c 'camera on.*320x180' "$work/said")" = 1
kill $server

# What programs were told of its pictures holds; when they are such again, they are shown.
if [ ! -e /dev/fuse ] || ! "$scrim" run --explain >/dev/null 2>&1; then
	skip "a camera that has another size for a while" "no FUSE"
else
	serve http "$work/small.mjpg"
	"$scrim" run --source "http://127.0.0.1:$port/" --policy "$work/half.conf" -- ffmpeg -v quiet -nostdin -f v4l2 \
		-pixel_format yuv420p -i /dev/video0 -f null - >"$work/said" 2>&1 &
	run=$!
	pids="$pids $run"
	is "a camera has a size" waits 'camera on' "$work/said"
	for film in large small; do
		before=$(grep -c 'camera on' "$work/said")
		{ kill -9 $server; wait $server; } 2>/dev/null
		port=$((port - 1))
		serve http "$work/$film.mjpg"
		[ $film = small ] || is "it has another one for a while" waits 'were told that pictures are 320x180, and now' "$work/said"
	done
	is "and then that again, and is shown again" waits 'camera on' "$work/said" $((before + 1))
	pkill -P "$run" ffmpeg
	kill $server
fi

# All who mean harm, at once, each with a scrimd of its own.
first=$((port + 1))
/usr/bin/python3 tests/network/hostile.py $first >"$work/hostile" 2>&1 &
pids="$pids $!"
waits '^ready' "$work/hostile"
read -r -a kinds <<<"$(sed 's/^ready //' "$work/hostile")"
hostile
exit $failed
