# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For setup.sh: the guest's root file system, and the compiler of Debian 13.
# Packages are unpacked and never installed, so none of their scripts run and no
# privilege is needed; for the guest only the files that `guest-files` names are
# taken, with the libraries that they need.
userland=trixie,trixie-security

# unpack_closure PACKAGE...: with all that they depend on, into $new/full.
unpack_closure() {
	local deb

	apt_refresh "$userland"
	mkdir -p "$new/debs/partial" "$new"/full/usr/{bin,sbin,lib,lib64}
	logged apt_in "$userland" apt-get install -y --download-only --no-install-recommends \
		-o Dir::Cache::archives="$new/debs" "$@" || die "cannot fetch what the guest needs: $(why)"
	for deb in bin sbin lib lib64; do
		ln -s usr/$deb "$new/full/$deb"
	done
	for deb in "$new"/debs/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" |
			tar -x -C "$new/full" --no-same-owner --keep-directory-symlink \
				--exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' \
				--exclude='./usr/share/locale/*' --exclude='./dev/*'
	done
	rm -rf "$new/debs"
}

# The libraries that the file $1 is linked to, one a line.
libraries() {
	local full=$new/full libs

	readelf -d "$1" 2>/dev/null | grep -q NEEDED || return 0
	libs=$full/usr/lib/x86_64-linux-gnu
	"$full/usr/lib64/ld-linux-x86-64.so.2" --inhibit-cache \
		--library-path "$libs:$libs/pulseaudio:$libs/blas:$libs/lapack:$full/usr/lib/x86_64-linux-gnu/systemd" \
		--list "$1" 2>>"$log" | sed -n -E 's/.* => ([^ ]+) .*/\1/p'
}

# Copies a file from $new/full to the same place in $new/root, through links.
take() {
	local from=$new/full/$1 to=$new/root/$1

	[ ! -e "$to" ] || return 0
	mkdir -p "$(dirname "$to")"
	cp -L "$from" "$to" 2>/dev/null || die "Debian has no $1 any more"
}

fill_root() {
	local name file lib

	mkdir -p "$new"/root/{dev,proc,sys,run,tmp,host,root,var,etc,usr/{bin,sbin,lib,lib64}}
	for name in bin sbin lib lib64; do
		ln -s usr/$name "$new/root/$name"
	done
	take usr/lib64/ld-linux-x86-64.so.2
	while read -r _ file _; do
		take "$file"
		libraries "$new/full/$file"
	done < <(sed -E '/^(#|$)/d' "$vm/guest-files") | sort -u |
	while read -r lib; do
		take "${lib#"$new/full/"}"
	done
	for name in modprobe insmod rmmod lsmod depmod; do
		ln -s ../bin/kmod "$new/root/usr/sbin/$name"
	done
	printf 'root:x:0:0::/root:/bin/sh\nscrim:x:990:990::/:/bin/sh\nuser:x:1000:1000::/tmp:/bin/sh\n' \
		>"$new/root/etc/passwd"
	printf 'root:x:0:\nvideo:x:44:\nscrim:x:990:\nuser:x:1000:\n' >"$new/root/etc/group"
	printf '/usr/lib/x86_64-linux-gnu\n/usr/lib/x86_64-linux-gnu/%s\n' pulseaudio blas lapack systemd \
		>"$new/root/etc/ld.so.conf"
	"$new/full/usr/sbin/ldconfig" -r "$new/root"
	while read -r name; do
		[ -e "$new/root/usr/bin/$name" ] || [ -e "$new/root/usr/sbin/$name" ] ||
			ln -s busybox "$new/root/usr/bin/$name"
	done < <("$new/full/usr/bin/busybox" --list)
}

setup_root() {
	local image

	image=$(root_image)
	[ ! -e "$image" ] || return 0
	say "fetching the programs of the guest"
	aside root
	# shellcheck disable=SC2046 # words
	unpack_closure libc-bin $(awk '!/^#/ && NF { print $1 }' "$vm/guest-files" | sort -u)
	fill_root
	logged mke2fs -q -t ext4 -O ^has_journal -L scrim -d "$new/root" "$new/image" \
		"$(($(du -sm "$new/root" | cut -f1) * 5 / 4 + 32))M" || die "cannot make a file system: $(why)"
	rm -f "$kept"/root-*.ext4
	mv "$new/image" "$image"
	rm -rf "$new"
}

setup_compiler() {
	# One that was fetched before keepers were built with it is fetched again.
	[ ! -e "$kept/compiler/usr/include/seccomp.h" ] || return 0
	say "fetching the compiler of Debian 13"
	aside compiler
	unpack_closure gcc-14 g++-14 libcamera-dev libseccomp-dev make libc6-dev bash coreutils sed grep findutils mawk libelf1t64
	ln -s bash "$new/full/usr/bin/sh"
	ln -s mawk "$new/full/usr/bin/awk"
	ln -s gcc-14 "$new/full/usr/bin/gcc"
	mv "$new/full" "$new.full"
	rm -rf "$new"
	mv "$new.full" "$new"
	in_place compiler
}
