#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# build.sh RELEASE: the source package of what git has here, and from it the packages for
# that Debian, in it; what lintian says of them fails this.  They are then in
# build/packages/RELEASE.  They have the face model if build/share has it.
set -eu -o pipefail
. "$(dirname "$0")/lib.sh"
release=$1
root=$(build_root "$release")
model=$top/build/share/scrim/face.onnx
version=$(sed -n '1s/^scrim (\(.*\)) .*/\1/p' "$top/debian/changelog")

# in_root COMMAND: in its folder /build; mounts are for nobody else.
in_root() {
	unshare --mount sh -ec 'mount -t proc proc "$1/proc"; exec chroot "$1" sh -ec "cd /build; $2"' - "$root" "$1"
}

# The files that git knows, as they are now.
source_package() {
	rm -rf "$root/build" && mkdir -p "$root/build/scrim-$version" &&
	(cd "$top" && git ls-files -z | xargs -0 cp --parents -P -t "$root/build/scrim-$version") &&
	in_root "dpkg-source -b scrim-$version; rm -r scrim-$version; dpkg-source -x scrim_$version.dsc"
}
binary_packages() {
	if [ -e "$model" ]; then
		install -m 644 -D "$model" "$root/build/scrim-$version/build/share/scrim/face.onnx"
	fi
	in_root "cd scrim-$version; dpkg-buildpackage -us -uc -b"
}
no_complaint() {
	in_root "lintian --allow-root --fail-on error,warning --pedantic \
		scrim_${version}_amd64.changes scrim_$version.dsc"
}

result() {
	local what=$1; shift

	if "$@" >"$made/$release.log" 2>&1; then
		echo "ok - $release: $what"
	else
		tail -n 30 "$made/$release.log"
		echo "not ok - $release: $what"
		exit 1
	fi
}

mkdir -p "$made"
need_root "build in $root"
exec 8>"$root.lock"
flock 8
result "a source package is made, and unpacked" source_package
result "packages are built from it" binary_packages
result "lintian has no complaint" no_complaint
rm -rf "${made:?}/$release"
mkdir "$made/$release"
cp "$root"/build/*.deb "$made/$release"
