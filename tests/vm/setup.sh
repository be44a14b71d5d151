#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# setup.sh KERNEL...: fetches what it takes to boot these kernels of Debian (see
# the table `kernels`) and to build modules for them, or says in one line why it
# cannot.  It is all kept in $SCRIM_VM_DIR (~/.cache/scrim-vm); removing that
# folder is the way to get newer ones.
#
#	kernel-NAME/	vmlinuz, release, lib/modules, and the headers
#	root-SUM.ext4	what runs in the guest: Debian 13 with what guest-files names
#	compiler/	that of Debian 13, for kernels which need it
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"
. "$vm/root.sh"
. "$vm/debug.sh"

# Modules that are of no use without hardware stay out.
parts=(./boot/vmlinuz-\* ./{,usr/}lib/modules/\*/{vmlinuz,modules.\*}
       ./{,usr/}lib/modules/\*/kernel/{fs,lib,crypto,net/9p,arch/x86/crypto}
       ./{,usr/}lib/modules/\*/kernel/drivers/{media,virtio,block,dma-buf,char,dax,usb/{common,core,usbip},i2c,gpu/drm})

# Names of the packages that $suites has for the kernel $1: image or headers.
kernel_packages() {
	local depends=(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts
		       --no-breaks --no-replaces --no-enhances)

	apt_in "$suites" "${depends[@]}" "linux-$1-amd64" |
		grep -E '^linux-(image|binary|modules|base|headers|kbuild)-[0-9]' | grep -v -e -unsigned | sort -u
}

unpack() {
	local deb

	for deb in "$new"/debs/linux-{image,binary,modules,base}-*; do
		[ -e "$deb" ] || continue
		dpkg-deb --fsys-tarfile "$deb" |
			tar -x -C "$new" --wildcards --no-same-owner "${parts[@]}" 2>/dev/null || :
	done
	for deb in "$new"/debs/linux-{headers,kbuild}-*; do
		dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$new" --no-same-owner
	done
	rm -rf "$new/debs"
	if [ -d "$new/usr/lib/modules" ]; then
		mkdir -p "$new/lib/modules"
		cp -al "$new/usr/lib/modules/." "$new/lib/modules"
		rm -rf "$new/usr/lib/modules"
	fi
	find "$new/lib/modules" -name '*.ko.xz' -print0 | xargs -0 -r -n 50 -P 2 xz -d
}

# The headers name each other by where Debian installs them.
relocate() {
	local release=$1 place=$2

	grep -rlE '(^|[ =])/usr/(src|lib)/linux-' "$new/usr/src" --include=Makefile --include=.kernelvariables \
		--include='*.mk' | xargs -r sed -i -E "s|(^\|[ =])/usr/(src\|lib)/linux-|\1$place/usr/\2/linux-|g"
	ln -sfn "$place/usr/src/linux-headers-$release" "$new/lib/modules/$release/build"
	rm -f "$new/lib/modules/$release/source"
}

# One that was fetched before the parts were these is fetched again.
kernel_is_whole() {
	[ -e "$kept/kernel-$kernel/release" ] &&
		compgen -G "$kept/kernel-$kernel/lib/modules/*/kernel/drivers/usb/core/usbcore.ko" >/dev/null
}

setup_kernel() {
	local release packages

	! kernel_is_whole || return 0
	say "fetching Linux $kernel"
	apt_refresh "$suites"
	packages=$(kernel_packages image; kernel_packages headers) || die "$suites has no kernel"
	aside "kernel-$kernel"
	# shellcheck disable=SC2086 # words
	fetch_debs "$suites" $packages
	unpack
	release=$(basename "$new"/lib/modules/*-amd64)
	mv "$new"/boot/vmlinuz-* "$new/vmlinuz" 2>/dev/null || mv "$new/lib/modules/$release/vmlinuz" "$new/vmlinuz"
	relocate "$release" "$kept/kernel-$kernel"
	logged depmod -b "$new" "$release" || die "cannot list the modules: $(why)"
	echo "$release" >"$new/release"
	in_place "kernel-$kernel"
}

need_tools apt-get dpkg-deb depmod cpio mke2fs debugfs qemu-system-x86_64 flock xz
kept_lock
[ $# -gt 0 ] || die "usage: setup.sh KERNEL..."
setup_root
for name; do
	kernel_row "$name"
	if [ "$kernel" = debug ]; then
		setup_debug
	else
		setup_kernel
	fi
	[ "$compiler" != trixie ] || setup_compiler
done
