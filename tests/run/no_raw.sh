#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# No raw pixel leaves: handing a raw frame to a sink does not compile, neither
# inside the library nor for those who use it, and handing over a clean one does.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
flags=()
eval "flags=($(make -s flags))"

# compiles COMPILER FRAME-TYPE INCLUDE FUNCTION SINK-TYPE
compiles() {
	printf '#include "%s"\nint f(struct %s *sink, struct %s *frame);\n%s\n' "$3" "$5" "$2" \
		"int f(struct $5 *sink, struct $2 *frame) { return $4(sink, frame, NULL); }" |
		"$1" "${flags[@]}" -fsyntax-only -x c - 2>&1
}
# Refused for the type of the frame, and for nothing else.
refused() {
	local said

	said=$(compiles "$@") && return 1
	[ "$(grep -c 'error:' <<<"$said")" -eq 1 ] && grep -q 'incompatible.pointer.types' <<<"$said" ||
		{ echo "$said"; return 1; }
}

for cc in gcc clang; do
	is "sink_put() takes a clean frame ($cc)" compiles $cc clean_frame sink/sink.h sink_put sink
	is "sink_put() of a raw frame does not compile ($cc)" refused $cc frame sink/sink.h sink_put sink
	is "scrim_sink_put() takes a clean frame ($cc)" \
		compiles $cc scrim_clean_frame scrim.h scrim_sink_put scrim_sink
	is "scrim_sink_put() of a raw frame does not compile ($cc)" \
		refused $cc scrim_frame scrim.h scrim_sink_put scrim_sink
done
exit $failed
