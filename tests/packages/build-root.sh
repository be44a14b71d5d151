#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# build-root.sh RELEASE: a folder with that Debian and what the packages are built with.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"
release=$1
root=$(build_root "$release")

[ ! -d "$root" ] || exit 0
need_tools mmdebstrap
need_root "make a Debian"
kept_lock
say "making a Debian to build in: $release"
rm -rf --one-file-system "$kept/build-$release"-*
aside build
bootstrap "$release" build-essential,fakeroot,lintian \
	"mkdir -p \"\$1/build/debian\" && cp '$top/debian/control' \"\$1/build/debian\"" \
	'chroot "$1" apt-get build-dep -qq -y /build'
mv "$new/root" "$root"
rm -rf "$new"
