#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# check.sh: builds the packages in Debian 12 and in Debian 13, lintian looks at them, and a
# virtual machine with Debian 13 installs, uses and purges them.  A line for each result,
# what failed once more at the end, and the totals last.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit
results=$(mktemp) || exit
trap 'rm -f "$results"' EXIT

# step WHAT COMMAND...: one that ends badly without a result of its own is one.
step() {
	local what=$1 ret=0 before; shift

	before=$(wc -l <"$results")
	"$@" 2>&1 | tee -a "$results" || ret=$?
	if [ $ret -ne 0 ] && ! tail -n +"$((before + 1))" "$results" | grep -q '^not ok'; then
		echo "not ok - $what: status $ret" | tee -a "$results"
	fi
	return $ret
}

for release in bookworm trixie; do
	step "$release: set-up" tests/packages/build-root.sh $release &&
		step "$release: packages" tests/packages/build.sh $release
done
[ ! -d build/packages/trixie ] ||
	{ step "guest: set-up" tests/packages/guest-root.sh && step guest tests/packages/run; }
passed=$(grep -c '^ok - ' "$results")
failed=$(grep -c '^not ok - ' "$results")
if [ "$failed" -ne 0 ]; then
	echo
	grep '^not ok - ' "$results"
	echo "logs: build/packages"
fi
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
