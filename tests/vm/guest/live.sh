# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash disable=SC2034
#
# For the tests of the whole chain: a camera that sends what the test wants (a scrim
# camera of its own, "raw"), scrimd as its user, and readers of "porch".
. /host/guest/lib.sh
said=/tmp/scrimd.log
conf=/tmp/porch.conf

# raw_camera WORD...: a camera whose pictures are those of feed(1); sets $raw.
raw_camera() {
	camera raw size="${raw_size:-320x240}" format="${raw_format:-YUYV}" rate="${raw_fps:-15}/1" || return
	raw=$capture
	raw_feed=$feed
	feed "$raw_feed" uid=990 size="${raw_size:-320x240}" format="${raw_format:-YUYV}" fps="${raw_fps:-15}" "$@" >/tmp/raw 2>&1 &
	raw_feeder=$!
	started /tmp/raw
}
no_raw_camera() { gone "$raw_feeder"; no_camera raw; }

# policy LINE...: of [camera porch], and what follows it.
policy() {
	printf '[camera porch]\npurpose = a test\ndevice = %s\nsize = %s\nrate = %s\n' "${device:-$raw}" \
		"${raw_size:-320x240}" "${raw_fps:-15}" >$conf.new
	printf '%s\n' "$@" >>$conf.new
	mv $conf.new $conf
}

# daemon WORD...: prepares as root, then runs as user scrim; sets $scrimd and $capture.
daemon() {
	scrimd --camera porch --policy $conf --prepare || return
	feed=/dev/$(cat $config/porch/feed)
	capture=/dev/$(cat $config/porch/capture)
	chmod 0600 "$feed"
	chown scrim "$feed"
	chmod 0666 "$capture"
	: >$said
	as 990 scrimd --camera porch --policy $conf "$@" >>$said 2>&1 &
	scrimd=$!
	says ready
}
no_daemon() {
	local ret=0

	kill -TERM "$scrimd"
	wait "$scrimd" || ret=$?
	cat $said
	return $ret
}
no_porch() { no_daemon; no_camera porch; }

# says WORDS [TIMES]: waits for scrimd to say that (so often).
says() {
	local _

	for _ in $(seq 150); do
		[ "$(grep -c "$1" $said)" -lt "${2:-1}" ] || return 0
		sleep 0.1
	done
	cat $said
	return 1
}
worker() { pidof scrimd | tr ' ' '\n' | grep -v -x "$scrimd"; }
readers_of() { sed -n 's/^readers //p' "$config/$1/stats"; }
# reads [WORD...]: a reader in the background; its log is /tmp/look.
reads() {
	: >/tmp/look
	look "$capture" log=1 "$@" >/tmp/look 2>&1 &
	reader=$!
}
# sees KIND [MORE-THAN]: waits until the reader has seen such pictures from here on.
sees() {
	local from _

	from=$(wc -l </tmp/look)
	for _ in $(seq 150); do
		[ "$(tail -n "+$((from + 1))" /tmp/look | grep -c "^frame [0-9]* [0-9]* $1 ")" -le "${2:-2}" ] || return 0
		sleep 0.1
	done
	tail -n 5 /tmp/look
	cat $said
	return 1
}
# none_after TIME KIND: of what was asked for after that.
none_after() { ! awk -v t="$1" -v kind="$2" '$1 == "frame" && $2 > t && $4 == kind' /tmp/look | grep .; }
