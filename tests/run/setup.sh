#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Set-up that cannot do its work says why in one line, fails, and leaves nothing
# half done; set-up that has been done is over in a moment.  No network is used.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
tmp=$(mktemp -d) || exit
trap 'rm -rf "$tmp"' EXIT

right=$(echo face | sha256sum | cut -d' ' -f1)
wrong=$(echo mask | sha256sum | cut -d' ' -f1)

# A copy of the set-up in a tree of its own, and a PATH with only what it needs;
# fakes have a folder of their own: writing through a link would hit the system.
fresh() {
	local tool

	rm -rf "${tmp:?}"/*
	mkdir -p "$tmp/fake" "$tmp/real" "$tmp/tree/tests"
	cp -r tests/setup "$tmp/tree/tests/"
	for tool in bash awk sed sort cat cut tr rm mv mkdir mktemp dirname chmod sha256sum tar gzip \
		    flock id env dpkg-query dpkg-deb grep; do
		ln -s "$(command -v $tool)" "$tmp/real/$tool"
	done
	echo "demo $wrong data/photo.jpg npm:photos@1.0.0 package/photo.jpg" >"$tmp/tree/tests/setup/files"
	printf 'demo bash it is there\nbuild npm fetches\ndemo npm fetches\n' >"$tmp/tree/tests/setup/packages"
	fake id 'echo 0'
}
fake() {
	printf '#!/bin/bash\n%s\n' "$2" >"$tmp/fake/$1"
	chmod +x "$tmp/fake/$1"
}
run() { PATH=$tmp/fake:$tmp/real "$tmp/tree/tests/setup/setup.sh" demo >"$tmp/out" 2>"$tmp/err" </dev/null; }
refuses() { ! run && cat "$tmp/err" && [ "$(wc -l <"$tmp/err")" -eq 1 ] && grep -q "^setup: .*$1" "$tmp/err"; }
nothing_left() { [ -z "$(find "$tmp/tree/build" ! -name setup.log ! -name .setup.lock -type f)" ]; }

# npm that delivers a photo.
deliver='mkdir -p x/package && echo face >x/package/photo.jpg && tar -C x -czf photos-1.0.0.tgz package'

fresh
fake npm 'echo "npm error code ENOTFOUND" >&2; echo "npm error network request failed" >&2; exit 1'
is "without a network: one line that names what and why" \
	refuses "cannot fetch photos@1.0.0: npm: code ENOTFOUND, network request failed"
is "without a network: nothing is left" nothing_left

fresh
fake apt-get 'case "$*" in *update*) exit 0;; esac; echo "E: Unable to locate package npm"; exit 100'
is "without npm to be had: one line" refuses "cannot install Debian packages: Unable to locate package npm"
fake apt-get 'echo "E: Failed to fetch the lists"; exit 100'
is "without a network and npm: one line" refuses "cannot fetch Debian packages: Failed to fetch the lists"
rm "$tmp/fake/apt-get"
is "without npm and apt: one line" refuses "no apt-get here"
fake apt-get 'touch "${0%/*}/../ran"'
fake id 'echo 1000'
is "without npm, root and sudo: one line" refuses "needs root or sudo"
is "without npm, root and sudo: apt is not called" test ! -e "$tmp/ran"
is "without npm: nothing is left" nothing_left

fresh
fake npm "$deliver"
is "a file with the wrong hash: one line that names it" refuses "cannot use data/photo.jpg: sha256"
is "a file with the wrong hash is not put in place" nothing_left
sed -i "s/$wrong/$right/" "$tmp/tree/tests/setup/files"
is "the right file is put in place" run
is "the right file is put in place, whole" cmp -s "$tmp/tree/build/data/photo.jpg" - <<<face
rm "$tmp/fake/npm"
is "with all in place, neither npm nor a network is needed" run
fake npm "$deliver"
echo changed >"$tmp/tree/build/data/photo.jpg"
is "a file that was changed since is fetched anew" run
is "a file that was changed since is right again" cmp -s "$tmp/tree/build/data/photo.jpg" - <<<face

over_in_a_moment() {
	local start=${EPOCHREALTIME/./}

	tests/setup/setup.sh build demo check >"$tmp/out" 2>"$tmp/err" &&
		[ $((${EPOCHREALTIME/./} - start)) -lt 3000000 ] && [ ! -s "$tmp/out" ]
}
is "a second run does no set-up and is over in a moment" over_in_a_moment
exit $failed
