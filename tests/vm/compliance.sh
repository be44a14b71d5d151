#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# compliance.sh: unpacks v4l2-compliance of Debian 13, with the libraries that it needs, beside
# what the virtual machines have, and prints the folder.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"
. "$vm/root.sh"

need_tools apt-get dpkg-deb flock
kept_lock
if [ ! -e "$kept/compliance" ]; then
	aside compliance
	unpack_closure v4l-utils
	mv "$new/full" "$new.full"
	rm -rf "$new"
	mv "$new.full" "$new"
	in_place compliance
fi
echo "$kept/compliance"
