#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# check.sh KERNEL...: fetches what is missing, builds the driver for these kernels and runs
# the tests in each of them, or only those that VM_TESTS names.  A line for each result, what
# failed once more at the end, and the totals last.  VM_TESTS=live: those of the whole chain,
# from a USB camera to the programs that read, which need `make vm-live`.
#
#	VM_ROUNDS	of each way to go (4)
#	VM_SECONDS_EACH	for readers and for fuzzing (5)
#	SCRIM_JUDGE	a face network to judge what readers of live-faces got; see second.sh
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit
tests=${VM_TESTS:-compliance promise1-raw promise3-silence promise4-cut promise5-strangers promise6-feeder
	promise7-locked promise8-trace exact dmabuf readers programs events parameters lifetimes fuzzing}
live="live-on-demand live-caged live-silence live-hostile live-unplug live-order live-cut live-broken-policy
	live-raw-closed live-strangers live-only-feeder live-regions live-hours live-camera live-controls
	live-control live-zero-copy live-notice live-look live-run live-apps live-faces"
if [ "$tests" = live ]; then
	tests=$live
	export VM_SECONDS=${VM_SECONDS:-2700}
fi
[[ " $tests " != *" wall "* ]] || export VM_SCREEN=1
# The newest processor's FMA is emulated number by number: the network would take 8 times as long.
[[ $tests != *live* ]] || export VM_CPU=${VM_CPU:-Nehalem}
results=$(mktemp) || exit
trap 'rm -f "$results"' EXIT

result() { echo "$*" | tee -a "$results"; }

# judged JUDGE...: with what the camera sent, and what each reader got.
judged() {
	"$@" build/vm/bin/photos build/vm/"$kernel"/out/live-faces/{ffmpeg,gstreamer,motion} 2>&1 |
		sed "s/ - / - $kernel live-faces: /" | tee -a "$results"
}

# Two builds and their headers are all that a kernel needs to be tested.
one() {
	local kernel=$1 ret=0 before
	local tests=$tests

	if [ "$kernel" = debug ] && [ -z "${VM_TESTS-}" ]; then
		tests="${tests/fuzzing/fuzzing=${FUZZ_SECONDS:-600}} faults leaks"
	fi

	if ! tests/vm/setup.sh "$kernel"; then
		result "not ok - $kernel: set-up"
		return
	fi
	if ! tests/vm/module.sh "$kernel"; then
		result "not ok - $kernel: the driver builds without a warning"
		return
	fi
	result "ok - $kernel: the driver builds without a warning"
	if [[ $tests == *wall-planes* ]] && ! tests/vm/vkms.sh "$kernel"; then
		result "not ok - $kernel: vkms builds"
		return
	fi
	before=$(wc -l <"$results")
	# shellcheck disable=SC2086 # words
	tests/vm/run "$kernel" $tests 2>&1 | tee -a "$results" || ret=$?
	# What readers got is looked at here: OpenCV is large.
	if [[ $tests == *live-faces* ]]; then
		judged tests/vm/judge.py || ret=$?
		[ -z "${SCRIM_JUDGE-}" ] || judged tests/vm/second.sh "$SCRIM_JUDGE" || ret=$?
	fi
	if [ $ret -ne 0 ] && ! tail -n +"$((before + 1))" "$results" | grep -q '^not ok'; then
		result "not ok - $kernel: run ends with status $ret"
	fi
}

for kernel; do
	one "$kernel"
done
passed=$(grep -c '^ok - ' "$results")
failed=$(grep -c '^not ok - ' "$results")
skipped=$(grep -c '^skip - ' "$results")
if [ "$failed" -ne 0 ] || [ "$skipped" -ne 0 ]; then
	echo
	grep -E '^(not ok|skip) - ' "$results"
	echo "logs: build/vm/KERNEL/out"
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
