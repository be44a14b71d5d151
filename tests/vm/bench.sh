#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the driver costs, in memcpys of the same picture in the same run, beside Debian's
# v4l2loopback: guest/cost in Linux 6.1.  Figures of an emulated machine, so only the ratios
# mean something, and those only on a quiet host.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"

# The peer's source is Debian's; no kernel later than 6.1 builds it.
fetch_peer() {
	[ ! -e "$kept/peer" ] || return 0
	kept_lock
	say "fetching v4l2loopback"
	apt_refresh bookworm
	aside peer
	fetch_debs bookworm v4l2loopback-dkms
	dpkg-deb --extract "$new"/debs/*.deb "$new"
	rm -rf "$new/debs"
	in_place peer
	exec 9>&-
}

"$vm/setup.sh" 6.1
fetch_peer
"$vm/module.sh" 6.1 "$(echo "$kept"/peer/usr/src/v4l2loopback-*)"
"$vm/module.sh" 6.1
echo "host: $(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1), load $(cut -d' ' -f1 /proc/loadavg)"
# So that the guest's kernel copies with "rep movsq", as guest/cost does: by bytes ("erms") or
# by registers an emulator takes several times as long.
VM_CPU=max,-erms,-fsrm,vendor=GenuineIntel "$vm/run" 6.1 proof "cost=${ROUNDS:-60}" || exit
grep -v '^ok' "$top/build/vm/6.1/out/cost.log"
