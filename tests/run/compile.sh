#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# No raw frame reaches a sink: a program that tries does not compile, with the
# flag that the Makefile gives to all of scrim, and the compiler names the types.
set -u
cd "$(dirname "$0")/../.." || exit 1

flag=-Werror=incompatible-pointer-types
failed=0

say() {	# status, what
	echo "$1 - $2"
	[ "$1" = ok ] || failed=1
}

program() {	# body of a function that is given everything a thief would want
	cat <<-END
		#include "scrim.h"
		#include "sink/sink.h"
		int try(struct sink *sink, struct frame *raw, struct clean_frame *clean,
			struct scrim_sink *out, struct scrim_frame *frame,
			struct scrim_clean_frame *covered);
		int try(struct sink *sink, struct frame *raw, struct clean_frame *clean,
			struct scrim_sink *out, struct scrim_frame *frame,
			struct scrim_clean_frame *covered)
		{
			$1
		}
	END
}

compile() {	# compiler, body
	program "$2" | LC_ALL=C "$1" -std=c17 -D_GNU_SOURCE -Ilib "$flag" -fsyntax-only -x c - 2>&1
}

compiles() {	# what, body
	local cc
	for cc in $compilers; do
		if compile "$cc" "$2" >/dev/null; then
			say ok "$cc compiles $1"
		else
			say "not ok" "$cc compiles $1"
		fi
	done
}

refused() {	# what, body, pattern of the message
	local cc out
	for cc in $compilers; do
		if out=$(compile "$cc" "$2"); then
			say "not ok" "$cc refuses $1"
		elif [[ $out == *$3* ]]; then
			say ok "$cc refuses $1"
		else
			say "not ok" "$cc refuses $1 for another reason: $out"
		fi
	done
}

compilers=
for cc in gcc clang; do
	if command -v $cc >/dev/null; then
		compilers+="$cc "
	else
		echo "skip - $cc # not installed"
	fi
done

if grep -q -- "^WARN.*$flag" Makefile; then
	say ok "the Makefile asks for $flag"
else
	say "not ok" "the Makefile asks for $flag"
fi

compiles "a clean frame in a sink" 'return sink_put(sink, clean, 0);'
refused "a raw frame in a sink" 'return sink_put(sink, raw, 0);' 'incompatible pointer type*struct clean_frame \*'
refused "a raw frame as a clean one" 'clean = raw; return 0;' 'incompatible pointer type'
refused "a clean frame of one's own" 'struct clean_frame own; return 0;' 'own'
compiles "a clean frame in a public sink" 'return scrim_sink_put(out, covered, 0);'
refused "a raw frame in a public sink" 'return scrim_sink_put(out, frame, 0);' \
	'incompatible pointer type*struct scrim_clean_frame \*'
exit $failed
