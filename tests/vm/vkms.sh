#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# vkms.sh KERNEL: builds vkms, a graphics card of the kernel's own with overlay planes, which
# Debian's kernels come without; from Debian's source of the same version.
# build/vm/KERNEL/modules gets it.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"

# Of the whole source one folder is kept.
fetch_vkms() {
	local version=$1

	[ ! -e "$kept/vkms-$version" ] || return 0
	kept_lock
	say "fetching vkms of Linux $version"
	apt_refresh "$suites"
	aside "vkms-$version"
	fetch_debs "$suites" "linux-source-$version"
	dpkg-deb --fsys-tarfile "$new"/debs/*.deb | tar -x -O --wildcards './usr/src/*.tar.xz' |
		tar -x -J -C "$new" --strip-components=4 --wildcards '*/drivers/gpu/drm/vkms'
	rm -rf "$new/debs"
	printf 'CONFIG_DRM_VKMS := m\ninclude %s\n' "\$(src)/Makefile" >"$new/vkms/Kbuild"
	in_place "vkms-$version"
	exec 9>&-
}

[ $# -eq 1 ] || die "usage: vkms.sh KERNEL"
kernel_row "$1"
[ -e "$kept/kernel-$kernel/release" ] || die "tests/vm/setup.sh $kernel has to run first"
version=$(sed 's/^\([0-9]*\.[0-9]*\).*/\1/' "$kept/kernel-$kernel/release")
fetch_vkms "$version"
"$vm/module.sh" "$kernel" "$kept/vkms-$version/vkms"
