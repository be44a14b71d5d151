#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# setup.sh GROUP...: gives this machine what the groups need, or says in one
# line why it cannot.  The lists beside this file, packages and files, say what
# that is and what for.
#
# It keeps no record of what it did: it looks each time, in a fifth of a second.
# Files are fetched aside, checked, and moved into place when all are there, so
# that what is in place is whole and right.
set -eu -o pipefail

lists=$(cd "$(dirname "$0")" && pwd)
place=$(cd "$lists/../.." && pwd)/build
log=$place/setup.log
groups=" $* "

say() { echo "setup: $*"; }
die() { echo "setup: $*" >&2; exit 1; }

# The lines of a list that belong to our groups.
wanted() { awk -v groups="$groups" '!/^#/ && NF && index(groups, " " $1 " ")' "$lists/$1"; }

# Runs a command with its output kept in the log, and aside for why().
logged() {
	local ret=0

	echo "+ $*" >>"$log"
	"$@" </dev/null >"$aside/said" 2>&1 || ret=$?
	cat "$aside/said" >>"$log"
	return $ret
}

# Why the last logged command failed, in a line.
why() {
	sed -n -E 's/^(E: |npm (ERR!|error) +|sudo: )//p' "$aside/said" |
		awk '!/A complete log|^(syscall|errno) / && n < 2 { text = text (n++ ? ", " : "") $0 }
		     END { print n ? text : "see build/setup.log" }'
}

apt_as_root() {
	local as_root=()

	[ "$(id -u)" = 0 ] || as_root=(sudo)
	logged "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C \
		apt-get -qq -o Dpkg::Use-Pty=0 -o APT::Update::Error-Mode=any "$@"
}

# What follows can use apt-get to get $1.
need_apt() {
	[ -n "$(command -v apt-get)" ] ||
		die "cannot fetch $1: no apt-get here; on other systems than Debian 12 and 13 install what tests/setup/packages names"
}
need_root() {
	[ "$(id -u)" = 0 ] || [ -n "$(command -v sudo)" ] ||
		die "cannot install $1: that needs root or sudo"
}

refresh_apt() {
	need_root "$1"
	apt_as_root update || die "cannot fetch $1: $(why)"
}

# $1: the missing files that come from npm, which is not needed without.
missing_packages() {
	local name installed

	installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null |
		    sed -n 's/^installed //p') || :
	wanted packages | while read -r _ name _; do
		if [ "$name" = npm ]; then
			if [ -z "$1" ] || [ -n "$(command -v npm)" ]; then
				continue
			fi
		elif [[ $'\n'"$installed"$'\n' = *$'\n'"$name"$'\n'* ]]; then
			continue
		fi
		echo "$name"
	done | sort -u
}

install_packages() {
	[ $# -gt 0 ] || return 0
	say "installing Debian packages: $*"
	need_apt "Debian packages"
	need_root "Debian packages"
	refresh_apt "Debian packages"
	apt_as_root install -y --no-install-recommends "$@" ||
		die "cannot install Debian packages: $(why)"
}

# Lines of the list files whose file is not in place.
missing_files() {
	local group hash to from path

	wanted files | while read -r group hash to from path; do
		right "$hash" "$place/$to" || echo "$group $hash $to $from $path"
	done
}
right() {
	[ -e "$2" ] && echo "$1  $2" | sha256sum --check --status
}

# From the Debian archive: NAME|NAME..., the first that there is.
download_deb() {
	local name

	for name in ${1//|/ }; do
		logged apt-get -qq download "$name" && return 0
	done
	return 1
}
fetch_deb() {
	need_apt "$1"
	download_deb "$1" || { refresh_apt "$1"; download_deb "$1"; } ||
		die "cannot fetch $1: $(why)"
	dpkg-deb --extract ./*.deb . || die "cannot unpack $1"
}

# From the npm registry; none of the package's code is run.
fetch_npm() {
	[ -n "$(command -v npm)" ] || die "cannot fetch $1: there is no npm command"
	logged npm pack --ignore-scripts --no-update-notifier --cache "$aside/cache" \
		--fetch-retry-mintimeout=2000 --fetch-retry-maxtimeout=8000 "$1" ||
		die "cannot fetch $1: npm: $(why)"
	tar -xzf ./*.tgz || die "cannot unpack $1"
}

# Takes the lines of missing files: one fetch a source, one look at each file.
fetch_files() {
	local lines=$1 from group hash to path

	# shellcheck disable=SC2013 # sources have no spaces
	for from in $(cut -d' ' -f4 <<<"$lines" | sort -u); do
		say "fetching ${from#*:}"
		mkdir "$aside/from"
		cd "$aside/from"
		"fetch_${from%%:*}" "${from#*:}"
		while read -r group hash to _ path; do
			path=$(compgen -G "$path") || die "cannot fetch $to: $from has no $path"
			right "$hash" "$path" ||
				die "cannot use $to: sha256 of $path in $from is not $hash"
			mkdir -p "$aside/ready/$(dirname "$to")"
			mv "$path" "$aside/ready/$to"
		done < <(awk -v from="$from" '$4 == from' <<<"$lines")
		cd "$place"
		rm -rf "$aside/from"
	done
	while read -r _ _ to _; do
		mkdir -p "$place/$(dirname "$to")"
		chmod 644 "$aside/ready/$to"
		mv "$aside/ready/$to" "$place/$to"
	done <<<"$lines"
}

mkdir -p "$place"
cd "$place"
exec 9>.setup.lock
flock 9
aside=$(mktemp -d "$place/.setup.XXXXXX")
trap 'rm -rf "$aside"' EXIT

files=$(missing_files)
npm_needed=$(awk '$4 ~ /^npm:/' <<<"$files")
packages=$(missing_packages "$npm_needed")
# shellcheck disable=SC2086 # one argument a package
install_packages $packages
[ -z "$files" ] || fetch_files "$files"
