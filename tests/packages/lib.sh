# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For the scripts beside this one: where the file systems are kept that packages are built
# and tried in.  They are of Debian's archive and made when they are needed; removing
# the folder is the way to get newer ones.
. "$(dirname "${BASH_SOURCE[0]}")/../vm/lib.sh"
packages=$top/tests/packages
made=$top/build/packages
kept=$kept/packages
# shellcheck disable=SC2034 # for vm/lib.sh
log=$kept/setup.log

say() { echo "packages: $*"; }
die() { echo "packages: $*" >&2; exit 1; }

sum() { sha256sum | cut -c 1-12; }

# The folder to build for the Debian $1 in; other dependencies are another folder.
build_root() { echo "$kept/build-$1-$(cat "$packages/build-root.sh" <(sed '/^$/q' "$top/debian/control") | sum)"; }

# What the packages need that are not ours, as apt has it.
depends() {
	local deb

	for deb in "$made"/trixie/{scrim,scrim-dkms,libscrim0}_*.deb; do
		dpkg-deb -f "$deb" Depends
	done | paste -s -d ,
}
# The folder with the disk of the virtual machine, its kernel and its initrd.
guest_root() { echo "$kept/guest-$({ cat "$packages/guest-root.sh"; depends; } | sum)"; }

need_root() { [ "$(id -u)" = 0 ] || die "cannot $1: that needs root"; }

# bootstrap RELEASE PACKAGES HOOK...: a Debian in $new/root.
bootstrap() {
	local release=$1 include=$2 hooks=() hook; shift 2

	for hook; do
		hooks+=(--customize-hook="$hook")
	done
	apt_lines "$release,$release-security" >"$new/sources"
	logged mmdebstrap --mode=root --variant=minbase --format=directory \
		--aptopt='Acquire::Retries "3"' --aptopt='APT::Install-Recommends "false"' \
		--dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
		--include="$include" "${hooks[@]}" "$release" "$new/root" "$new/sources" ||
		die "cannot make a Debian: $(why)"
}
