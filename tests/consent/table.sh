#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# table.sh [FACTS]: the table of tests/consent/rows, with what facts.sh printed or prints: a line each, "fact N pass|FAIL|open|none: WHAT WAS SHOWN".  Open is
# what is not shown whole.  The exit status is 1 when something failed, or nobody showed it.
set -u
cd "$(dirname "$0")/../.." || exit
if [ $# -gt 0 ]; then cat "$1"; else tests/consent/facts.sh; fi | awk -F'|' '
	FNR == NR { split($0, word, " "); row = word[1]; said = $0; sub(/^[0-9]+ [A-Za-z]+ /, "", said)
		    if (word[2] == "FAIL") failed[row] = failed[row] sep[row] said
		    else if (word[2] == "skip") skipped[row] = said
		    shown[row] = shown[row] (row in shown && shown[row] != "" ? "; " : "") said; next }
	/^#/ { next }
	$2 == "none" { none++; print "fact " $1 " none: " $3; next }
	$1 in failed { bad++; print "fact " $1 " FAIL: " failed[$1]; next }
	$1 in skipped { open++; print "fact " $1 " open: " $3 "; skipped: " skipped[$1]; next }
	$2 != "-" { open++; print "fact " $1 " open: " $3 "; missing: " $2 ($1 in shown ? "; shown: " shown[$1] : ""); next }
	!($1 in shown) { bad++; print "fact " $1 " FAIL: " $3 ": nobody shows it"; next }
	{ good++; print "fact " $1 " pass: " $3 "; " shown[$1] }
	END { print good + 0 " pass, " bad + 0 " FAIL, " open + 0 " open, " none + 0 " not to be kept by a program"
	      exit bad > 0 || good + open + none != 57 }' - tests/consent/rows
