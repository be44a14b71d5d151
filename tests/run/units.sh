#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A camera that scrimd shares with a service: who is in its cgroup gets pictures, and nobody else,
# whatever else is called like it.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
scrim=$(realpath "${SCRIM:-build/bin/scrim}") || exit
scrimd=$(realpath "${SCRIMD:-build/bin/scrimd}") || exit
work=$(TMPDIR=/tmp mktemp -d) || exit
chmod 755 "$work"
isnt() { if "${@:2}"; then echo "not ok - $1"; failed=1; else echo "ok - $1"; fi; }
name=scrim-test-$$
made=()
end() {
	pkill -KILL -P $$; wait
	for ((i = ${#made[@]} - 1; i >= 0; i--)); do rmdir "${made[i]}"; done
	rm -rf "$work"
}
trap end EXIT

if [ ! -e /dev/fuse ] || ! "$scrim" run --explain >"$work/explained" 2>&1; then
	skip "a camera is shared with a service" "$(tail -n 1 "$work/explained" 2>/dev/null || echo "this kernel has no FUSE")"
	exit 0
fi
groups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
if [ -z "$groups" ] || ! mkdir "$groups/$name.slice" 2>"$work/why"; then
	skip "a camera is shared with a service" "$(cat "$work/why" 2>/dev/null || echo "no cgroup2 is mounted")"
	exit 0
fi
made=("$groups/$name.slice")
# A directory of the unified hierarchy, and those above it.
group() {
	local path=$groups part
	for part in ${1//\// }; do
		path=$path/$part
		[ -d "$path" ] || { mkdir "$path" && made+=("$path"); } || return
	done
}
gcc -O2 -Wall -Wextra -Werror -static -o "$work/reader" tests/wrap/reader.c || exit
ffmpeg -v error -nostdin -y -f lavfi -i color=white:size=320x180:rate=30:duration=1 -pix_fmt yuv420p "$work/clip.mp4"
policy() {
	printf '[camera porch]\npurpose = a test\ndevice = file:%s\nfaces = show\ndetector = none\n' "$work/clip.mp4" >"$work/porch.new"
	printf '%s\n' "$@" >>"$work/porch.new"
	mv "$work/porch.new" "$work/porch.conf"
}
within() { # TENTHS COMMAND...
	local _; for _ in $(seq "$1"); do "${@:2}" && return; sleep 0.1; done; return 1
}
says() { within 100 grep -q -e "$1" "$work/said" || { cat "$work/said"; return 1; }; }
# In the cgroup $1, below the unified hierarchy.
runs_in() {
	local in=$1; shift
	(echo $BASHPID >"$groups/$in/cgroup.procs" && exec timeout 60 "$scrim" run --camera porch --run "$work" -- "$@")
}
reads() { rm -f "$work/raw"; runs_in "$1" "$work/reader" /dev/video0 5 "$work/raw" 2>"$work/denied"; }
# Pictures of 320x180 YUYV that begin white.
white() {
	python3 -c 'import sys
b, size = open(sys.argv[1], "rb").read(), 320 * 180 * 2
sys.exit(not any(abs(b[at] - 235) < 3 for at in range(0, len(b), size)))' "$work/raw"
}

service=$name.service
policy "readers = 60001 unit:$service unit:$name@a\\x2db.service"
is "a policy with units is sound" "$scrim" policy check "$work/porch.conf"
is "it is shown as it is" grep -q -F "readers = 60001 unit:$service unit:$name@a\\x2db.service" \
	<("$scrim" policy show "$work/porch.conf")
is "also to programs" python3 -c 'import json, sys
shown = json.loads(sys.argv[1]); shown = shown[0] if isinstance(shown, list) else shown.get("cameras", [shown])[0]
sys.exit(shown["readers"] != sys.argv[2])' "$("$scrim" policy show --json "$work/porch.conf")" "60001 unit:$service unit:$name@a\\x2db.service"
cp "$work/porch.conf" "$work/old"
policy "readers = 60001 unit:$service unit:$name@a\\x2db.service unit:cron.service"
isnt "one more unit is said" "$scrim" policy diff "$work/old" "$work/porch.conf" >"$work/diff"
is "to loosen" grep -q '^LOOSENS .*readers' "$work/diff"
cp "$work/old" "$work/porch.conf"

"$scrimd" --run "$work" --camera porch --policy "$work/porch.conf" --feed share 2>"$work/said" &
daemon=$!
is "scrimd shares with units" within 50 test -S "$work/porch"
group "system.slice/$service/payload/$name.service"
is "who is of the unit gets the camera" reads "system.slice/$service"
is "and sees it" white
is "so does what it has in groups of its own" reads "system.slice/$service/payload"
is "whatever they are called" reads "system.slice/$service/payload/$name.service"
group "$name.slice/$name@a\\x2db.service"
is "an instance of a template, in a slice of the administrator, gets it" reads "$name.slice/$name@a\\x2db.service"
isnt "who is in no unit does not" reads .
is "which is said" grep -q "user $(id -u) is not among its readers, who are: 60001 unit:$service" "$work/denied"
group "system.slice/$name-other.service/$service"
isnt "nor who is of another" reads "system.slice/$name-other.service"
is "which is said with its name" grep -q "user $(id -u) of $name-other.service is not among" "$work/denied"
isnt "nor who has called a group so" reads "system.slice/$name-other.service/$service"
users=user.slice/user-60001.slice/user@60001.service/app.slice/$service
group "$users"
isnt "nor a user's unit of that name" reads "$users"
group "$name.slice/$name.scope/$service"
isnt "nor a container's" reads "$name.slice/$name.scope/$service"

rm -f "$work/raw"
runs_in "system.slice/$service" "$work/reader" /dev/video0 100000 "$work/raw" 2>"$work/end" & reader=$!
is "one watches" within 50 test -s "$work/raw"
policy "readers = 60001 unit:$name@a\\x2db.service"
kill -HUP $daemon
isnt "a unit that is no longer named gets no more pictures" wait $reader
isnt "nor does it get in again" reads "system.slice/$service"
policy "readers = 60001 unit:$name@a\\x2db.service unit:$service"
apply() { "$scrim" policy apply --policy "$work/porch.conf" --run "$work" "$@" porch >"$work/applied" 2>&1; }
isnt "a policy that names it again is not just taken" apply
is "since it loosens" grep -q '^LOOSENS .*readers' "$work/applied"
is "accepted it is" apply --accept
is "and it gets in" reads "system.slice/$service"
policy "readers = 60001 unit:$service"
kill -KILL $daemon; wait $daemon 2>/dev/null; rm -f "$work/porch"

# As the hardened service has it: /proc without the processes of others.
mkdir -m 777 "$work/run"
hidden() {
	timeout 20 unshare --mount sh -c 'mount -t proc -o hidepid=invisible proc /proc &&
		exec setpriv --reuid 60002 --regid 60002 --clear-groups "$@"' sh "$@"
}
if hidden true 2>"$work/why"; then
	isnt "where /proc hides the processes of others it does not start" hidden "$scrimd" --run "$work/run" \
		--camera porch --policy "$work/porch.conf" --feed share 2>"$work/said"
	is "and says what to do" says 'units as its readers.*needs ProtectProc=default'
	policy "readers = 60001"
	hidden "$scrimd" --run "$work/run" --camera porch --policy "$work/porch.conf" --feed share 2>"$work/said" &
	is "without units it does" within 50 test -S "$work/run/porch"
	pkill -P $!
else
	skip "where /proc hides the processes of others it does not start" "$(cat "$work/why")"
fi
exit $failed
