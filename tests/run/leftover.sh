#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What a run that was killed while its file had another name leaves is gone after the next run that
# writes the same file; what is another's, or still being written, is not.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
scrim=$(realpath "${SCRIM:-build/bin/scrim}") || exit
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT

strace -o /dev/null true 2>/dev/null || { skip "what a killed run leaves" "strace cannot trace here"; exit 0; }
[ -n "$(command -v ffmpeg)" ] || { skip "what a killed run leaves" "there is no ffmpeg"; exit 0; }
ffmpeg -v error -f lavfi -i testsrc=duration=0.2:rate=10:size=96x64 -pix_fmt yuv420p "$work/in.mp4"

write() { "$scrim" redact -q --detector none --faces show --force -o "$work/out.mp4" "$work/in.mp4" >"$work/said" 2>&1 </dev/null; }
left() { find "$work" -name '.*.scrim' | wc -l; }
# When it has got a name beside the one that it replaces.
killed() {
	strace -f -qq -o /dev/null -e trace=rename,renameat,renameat2 -e inject=rename,renameat,renameat2:error=EIO:signal=KILL "$scrim" redact -q --detector none --faces show --force \
		-o "$work/out.mp4" "$work/in.mp4" >/dev/null 2>&1 </dev/null
	[ $? = 137 ] || { echo "it was not killed"; return 1; }
}
is "a file is written" write
is "killed at the last moment it leaves one with another name" eval 'killed && [ "$(left)" = 1 ]'
is "and again one more, that of before is gone" eval 'killed && [ "$(left)" = 1 ]'
leftover=$(find "$work" -name '.*.scrim')
is "one that is held by somebody who lives stays" eval 'flock "$leftover" sh -c "$scrim redact -q --detector none --faces show --force -o $work/out.mp4 $work/in.mp4" >/dev/null 2>&1; [ -e "$leftover" ]'
others() {
	: >"$work/.other.mp4.01234567.scrim"; : >"$work/.out.mp4.0123456.scrim"; : >"$work/.out.mp4.0123456g.scrim"; ln -s in.mp4 "$work/.out.mp4.01234567.scrim"
	mkfifo "$work/.out.mp4.01234568.scrim"
	write && [ ! -e "$leftover" ] && [ "$(left)" = 5 ]
}
is "the next run removes it, and nothing of another name or kind" others
if [ "$(id -u)" = 0 ]; then
	is "nor what is another user's" eval ': >"$work/.out.mp4.01234569.scrim"; chown 65534 "$work/.out.mp4.01234569.scrim"; write && [ -e "$work/.out.mp4.01234569.scrim" ]'
else
	skip "nor what is another user's" "it needs root to be two users"
fi
exit $failed
