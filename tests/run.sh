#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh [NAME...]: builds everything and runs every test, or only the scripts
# tests/run/NAME.sh.  Prints a line for each test, then what failed and what was
# skipped; the last line is "N passed, N failed, N skipped", and the exit status
# is 1 when anything failed.  A test that crashes, hangs or says nothing failed.
set -u
cd "$(dirname "$0")/.." || exit
unset MAKEFLAGS MAKELEVEL MFLAGS CFLAGS CXXFLAGS LDFLAGS

export SCRIM=$PWD/build/bin/scrim SCRIM_DATA=$PWD/build/data SCRIM_TEST_ROOT=$PWD
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
limit=${SCRIM_TEST_SECONDS:-900}	# for each program or script; ends what hangs
jobs=$(nproc)
san='-fsanitize=address,undefined -fno-sanitize-recover=all'

# What a build that fails does not make is not there from an earlier one.
rm -rf build/bin build/tests build/fuzz build/asan/tests build/asan/fuzz
out=$PWD/build/tests
results=$out/results
mkdir -p "$out/log" "$out/tmp"
rm -f "$out"/log/unit-*
: >"$results"

# Shows result lines ("ok - ", "not ok - ", "skip - ") and keeps them.
report() { tee -a "$results"; }
ok() { echo "ok - $*" | report; }
not_ok() { echo "not ok - $*" | report; }

# limited LOG COMMAND...: in a scratch folder of its own, no longer than allowed.
limited() {
	local log=$1 ret; shift

	TMPDIR=$(mktemp -d "$out/tmp/XXXXXX") timeout -k 10 "$limit" "$@" >"$log" 2>&1 </dev/null
	ret=$?
	[ $ret -ne 124 ] || echo "stopped after $limit s" >>"$log"
	return $ret
}

# build WHAT MAKE-ARGUMENTS...
build() {
	local what=$1 log=$out/log/build-${1//[^a-z]/-}; shift

	if make -k -j"$jobs" V="${V-}" "$@" >"$log" 2>&1 </dev/null; then
		ok "builds $what without a warning"
	else
		tail -n 40 "$log"
		not_ok "builds $what without a warning"
	fi
}

# suite PROGRAM SUITE LOG: the results, and what it ended with.
suite() {
	CK_RUN_SUITE=$2 CK_TAP_LOG_FILE_NAME=$3.tap CK_VERBOSITY=minimal limited "$3" "$1"
	echo $? >"$3.ret"
}

# unit VARIANT PROGRAM: one result for each libcheck test; loops are counted.  Each suite has a
# process of its own, and as many run as there are cores: what libcheck keeps of its results, the
# search for leaks goes through again after each test.
unit() {
	local variant=$1 program=$2 name

	for name in $("$program" --list); do
		while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do
			wait -n
		done
		suite "$program" "$name" "$out/log/unit-$variant-$name" &
	done
	wait
	for name in $("$program" --list); do
		unit_results "$variant" "$name" "$out/log/unit-$variant-$name"
	done
	[ -n "$name" ] || not_ok "unit tests ($variant) have no suites"
}

# unit_results VARIANT SUITE LOG
unit_results() {
	local variant=$1 name=$2 log=$3 tap=$3.tap ret

	ret=$(cat "$log.ret")
	[ -e "$tap" ] || : >"$tap"
	sed -E -n 's/^(ok|not ok) [0-9]+ - [^:]*:([^:]*):([^:]*): (.*)/\1 - \2: \3 \4/p' "$tap" |
		awk -v variant="$variant" '{
			failed = $1 == "not"
			test = failed ? $4 " " $5 : $3 " " $4
			why = $0; sub(/^(not )?ok - [^ ]* [^ ]* /, "", why)
			print (failed ? "not ok" : "ok") " - " test " (" variant ")" (failed ? ": " why : "")
		}' >>"$results.unit"
	uniq -c "$results.unit" | sed -E 's/^ +1 //; s/^ +([0-9]+) (.*)/\2, \1 times/'
	cat "$results.unit" >>"$results"
	if [ $ret -ne 0 ] && ! grep -q '^not ok' "$results.unit" || [ ! -s "$results.unit" ]; then
		tail -n 40 "$log"
		not_ok "$name: unit tests ($variant) end with status $ret"
	elif [ "$(sed -n 's/^1\.\.//p' "$tap")" != "$(wc -l <"$results.unit")" ]; then
		not_ok "$name: unit tests ($variant) did not all run"
	elif [ $ret -ne 0 ]; then
		tail -n 40 "$log"
	fi
	rm -f "$results.unit"
}

# Every input that a fuzz target ever found interesting.
replay() {
	local name=$1 log=$out/log/replay-$1

	if [ -z "$(ls -A "tests/fuzz/corpus/$name" 2>/dev/null)" ]; then
		not_ok "fuzz $name: there is no corpus"
	elif limited "$log" "build/asan/fuzz/$name-replay" "tests/fuzz/corpus/$name"; then
		ok "fuzz $name: $(tail -n 1 "$log") (asan)"
	else
		tail -n 40 "$log"
		not_ok "fuzz $name: corpus (asan)"
	fi
}

script() {
	local name=$1 log=$out/log/$1 ret limit=$limit own

	own=$(sed -n 's/^limit=\([0-9]*\).*/\1/p' "tests/run/$name.sh")
	[ -z "$own" ] || limit=$own
	limited "$log" "tests/run/$name.sh"
	ret=$?
	sed -n -E "s/^(ok|not ok|skip) - /&$name: /p" "$log" | report
	if [ $ret -ne 0 ] && ! grep -q '^not ok - ' "$log"; then
		tail -n 20 "$log"
		not_ok "$name: ends with status $ret"
	elif ! grep -q -E '^(ok|not ok|skip) - ' "$log"; then
		not_ok "$name: says nothing"
	elif grep -q '^not ok - ' "$log"; then
		grep -v -E '^(ok|not ok|skip) - ' "$log" | tail -n 20
	fi
}

totals() {
	local passed failed skipped

	passed=$(grep -c '^ok - ' "$results")
	failed=$(grep -c '^not ok - ' "$results")
	skipped=$(grep -c '^skip - ' "$results")
	if [ "$failed" -ne 0 ] || [ "$skipped" -ne 0 ]; then
		echo
		grep -E '^(not ok|skip) - ' "$results"
		echo "logs: build/tests/log"
	fi
	rm -rf "$out/tmp"
	echo "$passed passed, $failed failed, $skipped skipped" | tee "$out/totals"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

trap 'rm -rf "$out/tmp"' EXIT

if [ $# -gt 0 ]; then
	build "by gcc" all unit benches
	for name; do
		script "$name"
	done
	totals
	exit
fi

build "by gcc" all unit replays benches
build "by clang" O=build/clang CC=clang all unit replays benches
build "with sanitizers" O=build/asan SAN="$san" unit replays
unit gcc build/tests/check
unit asan build/asan/tests/check
for source in tests/fuzz/*.c; do
	name=$(basename "$source" .c)
	[ "$name" = replay ] || replay "$name"
done
for path in tests/run/*.sh; do
	script "$(basename "$path" .sh)"
done
totals
