# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A script that sources this has a network of its own, where no port is taken, and one that was
# used is free again at once.
if [ -z "${SCRIM_TEST_NET-}" ]; then
	if ! unshare -rn true 2>/dev/null; then
		skip "$(basename "$0" .sh)" "there is no network of its own here"
		exit 0
	fi
	SCRIM_TEST_NET=1 exec unshare -rn "$0"
fi
ip link set lo up && echo 0 >/proc/sys/net/ipv4/tcp_max_tw_buckets || exit
