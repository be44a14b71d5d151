# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash disable=SC2034
#
# For the tests in the guest: results, cameras, and what readers said.
#
# ROUNDS and SECONDS_EACH (env, from the host) say how much of it.
. /host/env
failed=0
config=/sys/kernel/config/scrim

ok() { echo "ok - $*"; }
not_ok() { echo "not ok - $*"; failed=1; }
# is WHAT COMMAND...: the command succeeds.
is() {
	local what=$1; shift

	if "$@"; then ok "$what"; else not_ok "$what"; fi
}
# The statement is the one that should hold: the command fails.
isnt() {
	local what=$1; shift

	if "$@"; then not_ok "$what"; else ok "$what"; fi
}

# load [PARAMETER...]: the driver and what it needs.
load() {
	local module

	for module in $(modinfo -F depends /host/modules/scrim.ko | tr , ' ') configfs; do
		modprobe "$module" || return
	done
	grep -q ' /sys/kernel/config ' /proc/mounts || mount -t configfs none /sys/kernel/config
	insmod /host/modules/scrim.ko "$@"
}

# set_attributes NAME ATTRIBUTE=VALUE...
set_attributes() {
	local dir=$config/$1 pair; shift

	for pair; do
		echo "${pair#*=}" >"$dir/${pair%%=*}" || return
	done
}

# Until udevd, where it runs, has given nodes their modes.
settle() { ! pidof systemd-udevd >/dev/null || udevadm settle; }

# camera NAME ATTRIBUTE=VALUE...: makes it live, for everybody to open; user 990
# is the feeder.  Sets $feed and $capture.
camera() { mkdir "$config/$1" && made_camera "$@"; }
# The same where there is a directory already.
made_camera() {
	local name=$1; shift

	set_attributes "$name" feeder=990 "$@" live=1 || return
	feed=/dev/$(cat "$config/$name/feed")
	capture=/dev/$(cat "$config/$name/capture")
	settle
	chmod 0666 "$feed" "$capture"
}
no_camera() {
	local path

	for path in "$config/$1"/regions/*/; do
		[ ! -d "$path" ] || rmdir "$path"
	done
	rmdir "$config/$1"
}
nodes() { ls -d /sys/devices/platform/scrim.*/video4linux/* 2>/dev/null; }
# locked CAMERA REGION LINES
locked() { mkdir "$config/$1/regions/$2" && printf '%s\n' "$3" >"$config/$1/regions/$2/spans"; }

# value KEY FILE: of the last line of totals in it.
value() { grep -o "\<$1=[0-9]*" "$2" | tail -n 1 | cut -d= -f2; }

# expect FILE KEY OPERATOR NUMBER...: as test(1) has them; prints what is wrong.
expect() {
	local file=$1 got; shift

	while [ $# -gt 2 ]; do
		got=$(value "$1" "$file")
		if ! test "${got:-none}" "$2" "$3" 2>/dev/null; then
			echo "$1 is ${got:-nothing}, not $2 $3"
			grep -B 6 -A 2 '^repeated' "$file"
			tail -n 3 "$file"
			return 1
		fi
		shift 3
	done
}

# The time as the programs have it.
now_us() { awk '{ printf "%d\n", $1 * 1000000 }' /proc/uptime; }

# started FILE: waits for the feeder whose output goes there to stream.
started() {
	local _

	for _ in $(seq 100); do
		! grep -q '^on ' "$1" || return 0
		sleep 0.1
	done
	cat "$1"
	return 1
}

# feeder LOG WORD...: a feeder as user 990 in the background, streaming; sets $feeder.
feeder() {
	local said=$1; shift

	feed "$feed" uid=990 "$@" >"$said" 2>&1 &
	feeder=$!
	started "$said"
}
# ends PID...: each comes to its end by itself; kills those that do not.
ends() {
	local pid _ ret=0

	for pid; do
		for _ in $(seq 300); do
			grep -q '^State:.[^ZX]' /proc/"$pid"/status 2>/dev/null || continue 2
			sleep 0.1
		done
		echo "$pid does not end"
		kill -9 "$pid"
		ret=1
	done
	return $ret
}
# gone PID: ends it, and waits until it has ended.
gone() {
	kill -9 "$1"
	wait "$1" 2>/dev/null || :
}
