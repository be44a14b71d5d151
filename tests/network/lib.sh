# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For scripts with a scrimd that shows a camera of the network: a folder $work of their own, and
# an end to all that they began.
scrim=$(realpath "${SCRIM:-build/bin/scrim}") || exit
scrimd=${SCRIMD:-build/bin/scrimd}
work=$(TMPDIR=/tmp mktemp -d) || exit
pids=
# shellcheck disable=SC2086 # words
trap '[ -z "$pids" ] || kill -9 $pids 2>/dev/null; rm -rf "$work"' EXIT
mkdir "$work/run" "$work/policy"
chmod 755 "$work" "$work/run"
port=$((20000 + RANDOM % 20000))
at=(--policy "$work/policy" --run "$work/run")
printf '[camera run]\npurpose = a test\nfaces = show\ndetector = none\n[region run/half]\npolygon = 0,0 0.5,0 0.5,1 0,1\n' >"$work/half.conf"

film() { ffmpeg -v error -nostdin -y -f lavfi -i "testsrc2=size=320x180:rate=30:duration=40" -pix_fmt yuv420p "$@"; }

# waits WORDS FILE [TIMES]: until they are there (so often).
waits() {
	local _

	for _ in $(seq 250); do
		[ "$(grep -c -e "$1" "$2")" -lt "${3:-1}" ] || return 0
		sleep 0.1
	done
	cat "$2"
	return 1
}
# policy DEVICE LINE...: of [camera porch]
policy() {
	printf '[camera porch]\npurpose = a test\nfaces = show\ndetector = none\ndevice = %s\n' "$1" >"$work/policy/porch.conf"
	printf '%s\n' "${@:2}" >>"$work/policy/porch.conf"
}
begin() {
	: >"$work/said"
	"$scrimd" --camera porch --feed null "${at[@]}" "$@" >"$work/said" 2>&1 &
	daemon=$!
	pids="$pids $daemon"
}
end() { kill "$daemon"; wait "$daemon"; }
said() { grep -q -e "$1" "$work/said" || { cat "$work/said"; return 1; }; }
# frames LEAST: it comes to show so many.
frames() {
	local _

	for _ in $(seq 150); do
		"$scrim" status porch "${at[@]}" --json >"$work/json" 2>/dev/null
		jq -e "[.. | .frames? // empty] | max >= $1" "$work/json" >/dev/null 2>&1 && return 0
		sleep 0.1
	done
	cat "$work/said"
	return 1
}
# shows WHAT DEVICE [LINE...]
shows() {
	policy "$2" "${@:3}"
	begin
	is "$1" frames 20
	end
	is "$1: it was covered, not broken" said 'black: asked to end; [0-9]* frames, 0 covered whole, [0-9]* dropped, 0 damaged'
}
# comes_back DEVICE COMMAND...: the camera, process $server, goes; COMMAND has it back, and scrimd,
# which goes on, has stayed.
comes_back() {
	policy "$1"
	begin
	is "it is watched" frames 20
	{ kill -9 "$server"; wait "$server"; } 2>/dev/null
	is "when the camera goes, there is black" waits 'black: the camera closed the connection' "$work/said"
	is "while it is away it is looked for" waits 'Connection refused; black' "$work/said"
	"${@:2}"
	is "when it comes back, so do its pictures" waits 'camera on' "$work/said" 2
	is "of the same scrimd" kill -0 "$daemon"
	"$scrim" status porch "${at[@]}" --json >"$work/json"
	before=$(jq '[.. | .frames? // empty] | max' "$work/json")
	is "which go on" frames $((before + 20))
}
# half_covered DEVICE: a program gets its pictures with the left half covered.
half_covered() {
	if [ ! -e /dev/fuse ] || ! "$scrim" run --explain >/dev/null 2>&1; then
		skip "scrim run gives it to a program" "no FUSE"
		return
	fi
	is "scrim run gives it to a program" timeout 60 "$scrim" run --source "$1" --policy "$work/half.conf" -- \
		ffmpeg -v error -nostdin -f v4l2 -pixel_format yuv420p -i /dev/video0 -frames:v 60 -f rawvideo -y "$work/half.raw"
	is "covered, and nothing else of it" /usr/bin/python3 tests/network/half.py "$work/half.raw"
}
# Kilobytes of a process and all below it.
memory() {
	local sum child

	sum=$(sed -n 's/^RssAnon:[[:blank:]]*\([0-9]*\) kB/\1/p' "/proc/$1/status" 2>/dev/null)
	for child in $(pgrep -P "$1"); do sum=$((${sum:-0} + $(memory "$child"))); done
	echo "${sum:-0}"
}
# hostile [SCHEME [LINE]]: $kinds of cameras that mean harm, from port $first on, all at once, each
# with a scrimd of its own.
hostile() {
	local i kind scheme daemons

	for i in "${!kinds[@]}"; do
		scheme=${1:-rtsp}
		[[ ${kinds[i]} != http* ]] || scheme=http
		printf '[camera %s]\npurpose = a test\ndevice = %s://127.0.0.1:%d/\n%s\n' "${kinds[i]}" "$scheme" $((first + i)) "${2-}" \
			>"$work/policy/${kinds[i]}.conf"
		"$scrimd" --camera "${kinds[i]}" --feed null "${at[@]}" >"$work/said.${kinds[i]}" 2>&1 &
		daemons[i]=$!
		pids="$pids $!"
	done
	sleep 8
	for i in "${!kinds[@]}"; do
		kind=${kinds[i]}
		timeout 20 "$scrim" shutter on "$kind" "${at[@]}" >"$work/said" 2>&1
		is "${kind//_/ }: scrimd answers" said 'there is no shutter here'
		is "${kind//_/ }: its memory is bounded: $(memory "${daemons[i]}") kB" test "$(memory "${daemons[i]}")" -lt 300000
		kill "${daemons[i]}"
	done
	for i in "${!kinds[@]}"; do
		kind=${kinds[i]}
		is "${kind//_/ }: and ends when it is asked to" timeout 20 tail --pid="${daemons[i]}" -f /dev/null
		cp "$work/said.$kind" "$work/said"
		is "${kind//_/ }: nobody has broken out" test "$(grep -c permissions "$work/said")" = 0
		is "${kind//_/ }: and no picture was shown" test "$(grep -c 'asked to end; [1-9]' "$work/said")" = 0
	done
}
