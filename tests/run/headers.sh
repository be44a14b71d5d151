#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Each header compiles alone, and the public one also as C++.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
flags=$(make -s flags) || exit

compiles() { is "$1" "${@:2}" -fsyntax-only; }

while read -r header; do
	# shellcheck disable=SC2086 # flags are words
	eval compiles "'$header compiles alone'" gcc $flags -include "$header" -x c /dev/null
done < <(find lib tests -name '*.h' | sort)
compiles "scrim.h compiles as C++" clang++ -Wall -Wextra -Werror -include lib/scrim.h -x c++ /dev/null
compiles "scrim.h compiles as C11 without extensions" \
	gcc -std=c11 -pedantic-errors -Wall -Wextra -Werror -include lib/scrim.h -x c /dev/null
exit $failed
