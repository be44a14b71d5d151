#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# keeper.sh VERSION FOLDER: the keeper and its shim as Debian 13 has them, with that Debian's
# compilers and libcamera, warnings being errors.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"
version=$1
to=$(realpath -m "$2")
sources="source/shim/keeper source/keeper_nodes guard/fence guard/cage guard/rights error text"

kept_lock
. "$vm/root.sh"
setup_compiler
tree=$(mktemp -d) || die "no folder"
trap 'rm -rf "$tree"' EXIT
cp -r "$top/lib" "$tree/"
cat >"$tree/build" <<-'END'
	set -eu
	cd "$1"
	version=$2; shift 2
	flags="-O2 -g -Wall -Wextra -Werror -Wno-unused-parameter -D_GNU_SOURCE -Ilib -fPIC -fvisibility=hidden"
	flags="$flags -D_FORTIFY_SOURCE=2 -fstack-protector-strong"
	for source; do
		gcc-14 -std=c17 $flags -DSCRIM_VERSION="\"$version\"" -c -o "${source##*/}.o" "lib/$source.c"
	done
	gcc-14 -pie -o "keeper-$version" ./*.o -lseccomp
	g++-14 -std=c++17 $flags -I/usr/include/libcamera -shared -Wl,-z,defs -Wl,--version-script=lib/source/shim/libcamera.syms -o "libcamera-$version.so" \
		lib/source/shim/libcamera.cpp -lcamera -lcamera-base
END
root=-r
[ "$(id -u)" != 0 ] || root=-m
# shellcheck disable=SC2016,SC2086 # for the inner shell; words
unshare -m $root bash -c '
	compiler=$1; shift
	for place in "$1" /dev /proc; do
		mkdir -p "$compiler$place" && mount --rbind "$place" "$compiler$place" || exit
	done
	exec env -i PATH=/usr/sbin:/usr/bin LC_ALL=C chroot "$compiler" sh "$1/build" "$@"' \
	bash "$kept/compiler" "$tree" "$version" $sources
mkdir -p "$to"
cp "$tree/keeper-$version" "$tree/libcamera-$version.so" "$to/"
