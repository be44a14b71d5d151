# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash disable=SC2034
#
# For the tests of the whole chain: a camera that sends what the test wants (a USB camera,
# or a scrim camera of its own, "raw"), scrimd as its user, and readers of "porch".
. /host/guest/lib.sh
said=/tmp/scrimd.log
conf=/tmp/porch.conf
photos=/host/bin/photos
plain="faces = show
detector = none"

# chain POLICY-LINE...: all of it, as far as scrimd; the USB camera is as $usb_words say.
chain() {
	is "the driver loads" load
	# shellcheck disable=SC2086 # words
	is "a USB camera is plugged in" usb_camera $usb_words || exit
	policy "$@"
	is "scrimd starts" daemon
}
no_chain() {
	is "scrimd ends and its camera goes" no_porch
	is "the USB camera goes" no_usb_camera
	is "the driver unloads" rmmod scrim
	exit $failed
}

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

# vivid: a camera of the kernel's own; sets $vivid.  In Linux 5.10 its device outlives it: when it
# is loaded again, or when the machine ends without it, the kernel follows a pointer into what
# was its memory.  So there it is loaded once in a boot, and stays.
vivid() {
	case $(uname -r) in
	5.10.*)
		if [ -e /run/vivid ]; then
			echo "skip - with a camera of the kernel's own # Linux 5.10 crashes when vivid is loaded twice"
			return 1
		fi ;;
	esac
	: >/run/vivid
	modprobe vivid n_devs=1 node_types=0x1 no_error_inj=0
	vivid=/dev/$(basename "$(dirname "$(grep -l '^vivid-000-vid-cap' /sys/class/video4linux/*/name)")")
}
no_vivid() {
	case $(uname -r) in
	5.10.*) ;;
	*) rmmod vivid ;;
	esac
}

# hotplug: udevd, with our rules beside Debian's; a USB camera is found by its serial number.
hotplug() {
	! pidof systemd-udevd >/dev/null || return 0
	mkdir -p /usr/lib/udev/rules.d /run/udev
	cp /host/*.rules /usr/lib/udev/rules.d/
	cat >/usr/lib/udev/rules.d/60-persistent-v4l.rules <<-'END'
		SUBSYSTEM=="video4linux", SUBSYSTEMS=="usb", IMPORT{builtin}="usb_id"
		SUBSYSTEM=="video4linux", ENV{ID_SERIAL}=="?*", SYMLINK+="v4l/by-id/usb-$env{ID_SERIAL}-video-index$attr{index}"
	END
	ln -sf /usr/bin/udevadm /tmp/systemd-udevd
	/tmp/systemd-udevd --daemon --resolve-names=early >/tmp/udevd 2>&1
}

# usb_camera WORD...: a USB camera as uvc(1) has it, plugged in; sets $raw and $usb_camera.
usb_camera() {
	hotplug || return
	modprobe -a vhci_hcd uvcvideo || return
	rm -f /tmp/usb.control
	mkfifo /tmp/usb.control
	uvc control=/tmp/usb.control "$@" >/tmp/usb 2>&1 &
	usb_camera=$!
	raw=/dev/v4l/by-id/usb-scrim_Emulated_camera_0001-video-index0
	there "$raw"
}
no_usb_camera() { gone "$usb_camera"; away "$raw"; }
# A command for it; where it is not there any more nobody would read that.
usb() { kill -0 "$usb_camera" && echo "$*" >/tmp/usb.control; }
# usb_says WORDS [TIMES]: waits for it to say that.
usb_says() { said_in /tmp/usb "$@"; }
there() { within 300 test -e "$1"; }
away() { within 300 test ! -e "$1"; }

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
	settle
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

# within TENTHS COMMAND...: waits for it to succeed.
within() {
	local tenths=$1 _; shift

	for _ in $(seq "$tenths"); do
		! "$@" || return 0
		sleep 0.1
	done
	return 1
}
has() { [ "$(grep -c "$2" "$1")" -ge "${3:-1}" ]; }
# said_in FILE WORDS [TIMES]: waits for that to stand there (so often).
said_in() { within 300 has "$@" || { tail -n 20 "$1"; return 1; }; }
# says WORDS [TIMES]: waits for scrimd to say that (so often).
says() { said_in $said "$@"; }
# asleep SECONDS: nothing woke scrimd meanwhile.  Right after "ready" it has something to do
# still, and files open for it, for as long as this machine takes.
asleep() {
	local before

	before=$(wakeups)
	sleep "$1"
	[ "$(wakeups)" = "$before" ]
}
wakeups() { awk '/ctxt_switches/ { n += $2 } END { print n }' "/proc/$scrimd/status"; }
descriptors() { find "/proc/$scrimd/fd" | wc -l; }
has_descriptors() { [ "$(descriptors)" = "$1" ]; }
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
	local from

	from=$(wc -l </tmp/look)
	within 600 saw "$((from + 1))" "$@" || { tail -n 5 /tmp/look; tail -n 5 $said; return 1; }
}
saw() { [ "$(tail -n "+$1" /tmp/look | grep -c "^frame [0-9]* [0-9]* $2 ")" -gt "${3:-2}" ]; }
# prompt TIME [only]: black came within two frame times of then, or as much later as this
# machine was with any other picture; only: and nothing else came after it.
prompt() {
	awk -v then="$1" -v only="$2" -v two=$((2000000 / ${raw_fps:-15})) '
		$1 != "frame" { next }
		!black && $3 > then && $4 == "black" { black = $3; before = 0 }
		before && $3 - before > late { late = $3 - before }
		{ before = $3 }
		black && $4 != "black" { other++ }
		END {
			printf "black after %d ms; two frames are %d ms, the longest wait was %d ms; then %d others\n",
				(black - then) / 1000, two / 1000, late / 1000, other
			exit !black || black > then + two + late || (only && other)
		}' /tmp/look
}
# none_after TIME KIND: of what was asked for after that.
none_after() { ! awk -v t="$1" -v kind="$2" '$1 == "frame" && $2 > t && $4 == kind' /tmp/look | grep .; }
