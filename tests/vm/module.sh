#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# module.sh KERNEL [FOLDER]: builds the module in FOLDER (this project) for a
# kernel that setup.sh fetched; build/vm/KERNEL/modules gets it.  Warnings in
# ours are errors, those of sparse as well.  The folder is copied, so that kernels
# do not share objects.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"

# In the folder with Debian 13's compiler, with these places at the same paths.
in_compiler() {
	local root=-r

	[ "$(id -u)" != 0 ] || root=-m
	# shellcheck disable=SC2016 # for the inner shell
	unshare -m $root bash -c '
		compiler=$1; shift
		for place in "$1" "$2" /dev /proc; do
			mkdir -p "$compiler$place" && mount --rbind "$place" "$compiler$place" || exit
		done
		shift 2
		exec env -i PATH=/usr/sbin:/usr/bin LC_ALL=C chroot "$compiler" "$@"' \
		bash "$kept/compiler" "$tree" "$src" "$@"
}

[ $# -ge 1 ] || die "usage: module.sh KERNEL [FOLDER]"
kernel_row "$1"
from=$(cd "${2:-$top}" && pwd)
tree=$kept/kernel-$kernel
[ -e "$tree/release" ] || die "tests/vm/setup.sh $kernel has to run first"
out=$top/build/vm/$kernel
src=$out/source/$(basename "$from")
with=()
check=()
if [ "$compiler" = host ]; then
	need_tools sparse
	check=(C=1)
else
	with=(in_compiler)
fi

rm -rf "$src"
mkdir -p "$src" "$out/modules"
if [ "$from" = "$top" ]; then
	cp -r "$top/Kbuild" "$top/driver" "$src/"
else
	cp -r "$from/." "$src/"
fi
# The headers come without what BTF is made from, and modules do without it.
"${with[@]}" make -C "$tree/lib/modules/$(cat "$tree/release")/build" M="$src" CC=gcc W=1 "${check[@]}" \
	CONFIG_DEBUG_INFO_BTF_MODULES= cmd_checkdoc= -j"$(nproc)" modules >"$out/module.log" 2>&1 </dev/null || {
	tail -n 30 "$out/module.log" >&2
	die "the module does not build for $kernel"
}
if [ "$from" = "$top" ] && grep -q -E '(^|/)driver/[^ ]+: (warning|error):' "$out/module.log"; then
	grep -A 5 -E '(^|/)driver/[^ ]+: (warning|error):' "$out/module.log" >&2
	die "the module builds with warnings for $kernel"
fi
find "$src" -name '*.ko' -exec mv {} "$out/modules/" \;
