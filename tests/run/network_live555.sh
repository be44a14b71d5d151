#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Cameras in the network by another server than tests/run/network.sh has: live555's, which is in
# many cameras.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
if [ -z "${SCRIM_TEST_NET-}" ] && ! said=$(tests/network/live555.sh 2>&1); then
	skip "live555" "${said##*$'\n'}"
	exit 0
fi
# It does not wait for a port that somebody had, but takes another one.
. tests/network/alone.sh
. tests/network/lib.sh

mkdir "$work/films"
film -c:v libx264 -preset ultrafast -g 30 -f h264 "$work/films/cam.264"
film -c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=30:repeat-headers=1 -f hevc "$work/films/cam.265"

# It takes port 554 where it may, else 8554, and says which.
serve() {
	: >"$work/server"
	tests/network/live555.sh "$work/films" >"$work/server" 2>&1 &
	server=$!
	pids="$pids $server"
	waits 'Play streams' "$work/server" || return
	port=554
	! grep -q ':8554/' "$work/server" || port=8554
}

is "live555 serves" serve
shows "live555: H.264" "rtsp://127.0.0.1:$port/cam.264"
shows "live555: HEVC" "rtsp://127.0.0.1:$port/cam.265"
comes_back "rtsp://127.0.0.1:$port/cam.264" serve
end
comes_back "rtsp://127.0.0.1:$port/cam.265" serve
end
half_covered "rtsp://127.0.0.1:$port/cam.265"
half_covered "rtsp://127.0.0.1:$port/cam.264"
kill "$server"
exit $failed
