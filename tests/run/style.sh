#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What of the house style a script can check.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
shopt -s lastpipe	# so that none counts here
code() { find lib tools tests driver -name '*.[ch]' 2>/dev/null | sort; }
scripts() { find tests tools .ci -name '*.sh' -o -path '.ci/run' | sort; }

# The list on stdin has to be empty.
nothing() { ! grep .; }
none() { is "$1" nothing; }

{ code; scripts; } | xargs -d '\n' grep -L 'SPDX-License-Identifier: ' | none "every file says its licence"
code | xargs -d '\n' wc -l | awk '$1 >= 900 && $2 != "total"' | none "no file has 900 lines"
{ code; scripts; } | xargs -d '\n' grep -n '[[:blank:]]$' | none "no line ends in blanks"
code | xargs -d '\n' grep -n '^  ' | none "code is indented with tabs"
code | xargs -d '\n' grep -n -E '^typedef (struct|enum|union)' | none "structs and enums keep their names"
code | grep -E '^(lib|tools)/' |
	xargs -d '\n' grep -n -E 'pthread_(create|mutex|cond|rwlock)|<threads\.h>' |
	none "there are no threads and no locks"
find tests -maxdepth 1 -name 'check_*.c' ! -name check_main.c | sed 's/.*check_\(.*\)\.c/\1/' |
	while read -r suite; do grep -q "SUITE($suite)," tests/check_main.c || echo "$suite"; done |
	none "every suite is run"
exit $failed
