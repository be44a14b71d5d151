#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# live555.sh [FOLDER]: has live555's RTSP server at hand, or is that server, of the files in FOLDER.
# Debian 12 and 13 do not have it; where none is installed it is sid's, with the libraries that
# it was built with, kept beside the kernels of tests/vm and fetched when it is not there yet.
set -eu -o pipefail
. "$(dirname "$0")/../vm/lib.sh"

packages() {
	apt_in sid apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \
		--no-replaces --no-enhances livemedia-utils | grep '^[a-z]' | grep -v -e ^gcc- -e gconv -e provider
}

fetch() {
	local deb names

	need_tools apt-get dpkg-deb flock
	kept_lock
	[ ! -e "$kept/live555" ] || return 0
	say "fetching live555"
	apt_refresh sid
	names=$(packages) || die "sid has no live555"
	aside live555
	# shellcheck disable=SC2086 # words
	fetch_debs sid $names
	for deb in "$new"/debs/*.deb; do dpkg-deb --extract "$deb" "$new"; done
	rm -rf "$new/debs"
	in_place live555
}

serve() {
	local libraries=$kept/live555/usr/lib/x86_64-linux-gnu

	cd "$1"
	[ -z "$installed" ] || exec "$installed"
	exec "$libraries/ld-linux-x86-64.so.2" --library-path "$libraries" "$kept/live555/usr/bin/live555MediaServer"
}

installed=$(command -v live555MediaServer || :)
[ $# = 0 ] || serve "$1"
[ -n "$installed" ] || fetch
