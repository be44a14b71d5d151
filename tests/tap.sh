# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For scripts in tests/run: is WHAT COMMAND... prints the result line for a
# command that has to succeed; end with `exit $failed`.
failed=0

is() {
	local what=$1; shift

	if "$@"; then
		echo "ok - $what"
	else
		echo "not ok - $what"
		# shellcheck disable=SC2034
		failed=1
	fi
}

# skip WHAT WHY
skip() { echo "skip - $1 # $2"; }

# raw_node: a node with a camera's name, which opens as /dev/zero does, and which was not there
# before: $raw.  The caller removes it.  Only root can.
raw_node() {
	local number

	for number in {48..63}; do
		raw=/dev/video$number
		mknod -m 666 "$raw" c 1 5 2>/dev/null && return
	done
	return 1
}

# may_mount USER: whether that user can have a camera of the own, which takes FUSE and a user
# namespace; sets $why not.  Within chroot(1) nobody gets one, but root does without.
may_mount() {
	local as=(setpriv --reuid="$1" --regid="$1" --clear-groups)

	[ "$1" != 0 ] && [ "$1" != "$(id -u)" ] || return 0
	why="only root may open /dev/fuse here"
	"${as[@]}" sh -c ': <>/dev/fuse' 2>/dev/null || return
	why="an ordinary user has no namespaces here, as in a chroot"
	"${as[@]}" unshare -U true 2>/dev/null
}

# The example NAME of a manual page, as it stands there.
example() {
	sed -n "/^\.\\\\\" example: $2\$/,/^\.Ed\$/{/^\./d; s/\\\\e/\\\\/g; p}" "$1"
}
