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

# The example NAME of a manual page, as it stands there.
example() {
	sed -n "/^\.\\\\\" example: $2\$/,/^\.Ed\$/{/^\./d; s/\\\\e/\\\\/g; p}" "$1"
}
