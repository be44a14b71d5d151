# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For the scripts beside this one: where things are kept, and how they get there.
# What is fetched or built is made aside and moved into place when it is whole,
# so that what is in place is whole; a second call finds it and does nothing.

vm=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC2034 # for callers
top=$(cd "$vm/../.." && pwd)
kept=${SCRIM_VM_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/scrim-vm}
log=$kept/setup.log

say() { echo "vm: $*"; }
die() { echo "vm: $*" >&2; exit 1; }

# The row of the kernel $1 in the table, as variables.
kernel_row() {
	local row

	row=$(awk -v name="$1" '$1 == name' "$vm/kernels")
	[ -n "$row" ] || die "no kernel '$1'; there are: $(awk '!/^#/ && NF { printf "%s ", $1 }' "$vm/kernels")"
	# shellcheck disable=SC2034 # for callers
	read -r kernel suites compiler <<<"$row"
}

# Runs a command with its output in the log, and aside for why().
logged() {
	local ret=0

	echo "+ $*" >>"$log"
	"$@" </dev/null >"$log.last" 2>&1 || ret=$?
	cat "$log.last" >>"$log"
	return $ret
}

# Why the last logged command failed, in a line.
why() {
	local text

	text=$(sed -n -E 's/^(E: |.*[Ee]rror: |tar: )//p' "$log.last" | head -n 2 | paste -s -d ' ')
	echo "${text:-see $log}"
}

need_tools() {
	local tool

	for tool; do
		command -v "$tool" >/dev/null || die "there is no $tool here; tests/setup/setup.sh vm installs it"
	done
}

# One at a time; whatever was left half done is in the way of nobody.
kept_lock() {
	mkdir -p "$kept" || die "cannot make $kept"
	exec 9>"$kept/.lock"
	flock -n 9 || { say "waiting for another set-up"; flock 9; }
	rm -rf "$kept"/new.*
}

# aside NAME: $new is an empty folder; in_place moves it to $kept/NAME.
aside() {
	new=$kept/new.$1
	rm -rf "$new"
	mkdir -p "$new"
}
in_place() {
	rm -rf "${kept:?}/$1"
	mv "$new" "$kept/$1"
}

# This machine's own archive, from its sources: "" for Debian, "-security" for
# what that fixes.
archive() {
	local name

	# shellcheck disable=SC1091
	name=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(CODENAME)' 'Created-By: Packages' 2>/dev/null |
		awk -v release="$name$1" '$2 == release || $3 == release { print $1; exit }'
}

# Beside the archive, as Debian's own servers have it, where the sources do not say.
security_archive() {
	local uri

	uri=$(archive -security)
	[ -n "$uri" ] || uri=$(archive '' | sed -n 's|/debian/*$|/debian-security|p')
	echo "$uri"
}

# apt_lines SUITE,SUITE...: lines for a sources.list.
apt_lines() {
	local suite uri

	for suite in ${1//,/ }; do
		case $suite in
		*-security) uri=$(security_archive) ;;
		*) uri=$(archive '') ;;
		esac
		[ -n "$uri" ] || die "cannot fetch $suite: this machine's sources of apt name no Debian archive"
		echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $suite main"
	done
}

# apt_in SUITES COMMAND...: apt with a state of its own, as if nothing were
# installed; the machine's settings (proxies) hold.  sid is signed for a week at
# a time, and a mirror may lag behind.
apt_in() {
	local state=$kept/apt/$1 late=true tool=$2

	[ "$1" != sid ] || late=false
	shift 2

	"$tool" -qq -o Dir::Etc::SourceList="$state/sources.list" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
		-o Dir::State="$state" -o Dir::State::status="$state/status" -o Dir::Cache="$state/cache" \
		-o APT::Architecture=amd64 -o APT::Architectures=amd64 -o APT::Sandbox::User= \
		-o Acquire::Languages=none -o Acquire::Check-Valid-Until=$late -o Acquire::Retries=3 \
		-o APT::Update::Error-Mode=any -o Debug::NoLocking=true "$@"
}
apt_refresh() {
	local state=$kept/apt/$1

	mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
	: >"$state/status"
	apt_lines "$1" >"$state/sources.list"
	logged apt_in "$1" apt-get update || die "cannot fetch the list of packages of $1: $(why)"
}

# fetch_debs SUITES PACKAGE...: into the folder $new/debs.
fetch_debs() {
	local suites=$1; shift

	mkdir -p "$new/debs"
	(cd "$new/debs" && logged apt_in "$suites" apt-get download "$@") || die "cannot fetch $1: $(why)"
}

# The guest's root file system; another recipe is another file.
root_image() {
	echo "$kept/root-$(cat "$vm/guest-files" "$vm/root.sh" | sha256sum | cut -c 1-12).ext4"
}
