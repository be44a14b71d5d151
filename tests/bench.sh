#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# bench.sh [NAME...]: runs the benchmarks in build/bench and tests/bench, or only
# those named, one after the other on one core.  They print medians and ratios;
# nothing passes or fails.
set -u
cd "$(dirname "$0")/.." || exit
export SCRIM=$PWD/build/bin/scrim SCRIM_DATA=$PWD/build/data
core=$(($(nproc) - 1))		# the first one gets most of the interrupts

echo "machine: $(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1), $(nproc) cores, one used"
echo "load:    $(cut -d' ' -f1 /proc/loadavg) (below 0.5, or the figures are worth little)"
for path in tests/bench/*.c tests/bench/*.sh; do
	name=$(basename "${path%.*}")
	[ -e "$path" ] || continue
	[ $# -eq 0 ] || [[ " $* " = *" $name "* ]] || continue
	printf '\n%s\n' "$name"
	case $path in
	*.c)	taskset -c $core "build/bench/$name" ;;
	*)	taskset -c $core "$path" ;;
	esac
done
