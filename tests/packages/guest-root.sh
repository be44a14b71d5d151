#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A disk with a Debian 13 that boots: systemd, udev, a kernel and its headers, and what
# the packages of build/packages/trixie depend on, but not these.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"
guest=$(guest_root)

# What a machine has and a package does not bring: names, a user, and the test.
furnish() {
	local root=$1

	echo guest >"$root/etc/hostname"
	echo '/dev/vda / ext4 defaults 0 1' >"$root/etc/fstab"
	echo 'MODULES=list' >"$root/etc/initramfs-tools/conf.d/few"
	printf '%s\n' virtio_pci virtio_blk ext4 >"$root/etc/initramfs-tools/modules"
	chroot "$root" useradd --create-home --groups video user
	chroot "$root" update-initramfs -u
	cat >"$root/etc/systemd/system/packages-test.service" <<-'END'
		[Unit]
		After=multi-user.target
		[Service]
		Type=exec
		TimeoutStartSec=900
		ExecStartPre=mkdir -p /host
		# udev loads what /host needs when it comes to it.
		ExecStartPre=sh -c 'until mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288 host /host; do sleep 2; done'
		ExecStart=/host/guest
		[Install]
		WantedBy=multi-user.target
	END
	ln -s ../packages-test.service "$root/etc/systemd/system/multi-user.target.wants/"
	for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
		    getty.target serial-getty@ttyS0.service systemd-networkd-wait-online.service; do
		ln -sf /dev/null "$root/etc/systemd/system/$unit"
	done
}

[ ! -d "$guest" ] || exit 0
need_tools mmdebstrap mke2fs
need_root "make a Debian"
kept_lock
say "making a Debian 13 to boot"
rm -rf "$kept"/guest-*
aside guest
bootstrap trixie systemd-sysv,udev,dbus,kmod,procps,initramfs-tools,zstd,linux-image-amd64,linux-headers-amd64,make,ffmpeg,v4l-utils \
	"chroot \"\$1\" apt-get satisfy -qq -y '$(depends)'"
furnish "$new/root"
cp "$new"/root/boot/vmlinuz-* "$new/vmlinuz"
cp "$new"/root/boot/initrd.img-* "$new/initrd"
logged mke2fs -q -t ext4 -L guest -d "$new/root" "$new/disk" \
	"$(($(du -sm "$new/root" | cut -f1) * 5 / 4 + 512))M" || die "cannot make a file system: $(why)"
rm -rf "$new/root"
mv "$new" "$guest"
