# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash disable=SC2034
#
# For tests whose USB camera comes by way of libcamera.

# The firmware of a real machine names the controller of a camera, which libcamera wants to know;
# vhci_hcd has none, so this puts one beside what the kernel tells of it.
firmware() {
	local hub=/sys/devices/platform/vhci_hcd.0 name

	[ ! -e $hub/firmware_node ] || return 0
	mkdir -p /tmp/hub
	mount --bind $hub /tmp/hub
	mount -t tmpfs none $hub
	mkdir $hub/firmware_node
	echo '\_SB_.PCI0.XHC_' >$hub/firmware_node/path
	for name in /tmp/hub/*; do
		[ ! -L "$name" ] || continue
		if [ -d "$name" ]; then
			mkdir "$hub/${name##*/}"
		else
			: >"$hub/${name##*/}"
		fi
		mount --bind "$name" "$hub/${name##*/}"
	done
}
keeper() {
	mkdir -p /usr/local/lib/scrim
	cp "/host/bin/keeper-${1:-here}"/*0.1.0* /usr/local/lib/scrim/
}

# by_libcamera here|guest: with the libcamera of the machine where this was built, or with the
# guest's own, Debian 13's; before the camera is plugged in.
by_libcamera() {
	keeper "$1"
	modprobe vhci_hcd
	firmware
	device='libcamera:\_SB_.PCI0.XHC_-1:1.0-1209:0001'
}
