#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The real scrimd while it plays a clip to nobody, on one core: processor time a frame,
# decoding included, and memory of the daemon and its worker.  MJPEG is what a webcam
# sends; what reads videos has libraries that a camera does not need, and these are
# told apart.
set -u
cd "$(dirname "$0")/../.." || exit
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
seconds=10

ffmpeg -v error -nostdin -y -r 30 -i "$SCRIM_CLIP" -c:v mjpeg -q:v 4 -pix_fmt yuvj422p "$work/clip.avi" || exit
printf '[camera porch]\npurpose = a measurement\ndevice = file:%s\nfaces = fill\n' "$work/clip.avi" >"$work/porch.conf"

# field NAME PID: kB of a process's memory; of_videos PID: of libraries that scrimd has not.
field() { awk -v name="$1:" '$1 == name { print $2 }' "/proc/$2/smaps_rollup"; }
of_videos() {
	ldd build/bin/scrimd | grep -o '[^ /]*\.so[^ ]*' | sort -u |
		awk 'NR == FNR { own[$1] = 1; next }
			/^[0-9a-f]+-/ { name = $6; sub(".*/", "", name); sub(" .*", "", name)
				theirs = name ~ /\.so/ && !(name in own) }
			/^Rss:/ && theirs { n += $2 } END { print n + 0 }' - <(resolved "$1")
}
# Files by the names that programs ask for: libjpeg.so.62, not libjpeg.so.62.3.0.
resolved() { sed -E 's/(\.so\.[0-9]+)\.[0-9.]+$/\1/' "/proc/$1/smaps"; }
ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }

build/bin/scrimd --camera porch --policy "$work" --feed null 2>"$work/said" &
daemon=$!
sleep 2
worker=$(pgrep -P $daemon)
[ -n "$worker" ] || { cat "$work/said"; exit 1; }
before=$(ticks "$worker")
switches=$(awk '/ctxt_switches/ { n += $2 } END { print n }' /proc/$daemon/status)
sleep $seconds
after=$(ticks "$worker")
rest=$(($(awk '/ctxt_switches/ { n += $2 } END { print n }' /proc/$daemon/status) - switches))
printf '%-24s %6d kB, %6d kB of it private and written\n' daemon "$(field Rss $daemon)" "$(field Private_Dirty $daemon)"
printf '%-24s %6d kB, %6d kB of it private and written, %d kB libraries that a camera does not need\n' worker \
	"$(field Rss "$worker")" "$(field Private_Dirty "$worker")" "$(of_videos "$worker")"
kill -TERM $daemon
wait $daemon
sed -n 's/.* black: asked to end; \([0-9]*\) frames.* \([0-9]*\) dropped.*/\1 \2/p' "$work/said" |
	awk -v ticks=$((after - before)) -v hz="$(getconf CLK_TCK)" -v s=$seconds -v all=$((seconds + 2)) \
	'{ printf "%-24s %6.1f ms, at %.1f frames a second; one in %.1f was decoded and dropped\n",
		"worker, a frame", 1000 * ticks / hz / ($1 * s / all), $1 / all, ($1 + $2) / ($2 ? $2 : 1) }'
printf '%-24s %6d in %d s\n' "wakeups of the daemon" "$rest" $seconds
