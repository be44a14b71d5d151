#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What scrim preview, region, wall and doctor say without a driver.  The doctor looks at systems
# that are prepared below a folder, each with one thing wrong.  What needs a camera is in
# tests/vm/guest/live-look.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
scrim=${SCRIM:-build/bin/scrim}
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT

# ends STATUS WORDS ARGUMENT...: with this status, and says that.
ends() {
	local status=$1 words=$2 got; shift 2

	timeout 20 "$scrim" "$@" >"$work/said" 2>&1 </dev/null
	got=$?
	[ $got = "$status" ] && grep -q -e "$words" "$work/said" && return
	echo "status $got: $(cat "$work/said")"
	return 1
}
no_file() { ! find "$work" -name '*.png*' -o -name '.*.scrim' | grep .; }

is "preview is explained" ends 0 '^usage: scrim preview' preview --help
is "region is explained" ends 0 '^usage: scrim region draw' region --help
is "doctor is explained" ends 0 '^usage: scrim doctor' doctor --help
is "where there is no terminal a file is asked for" ends 2 'say -o FILE.png' preview porch
is "two cameras are one too many" ends 2 'say one camera' preview porch door -o "$work/a.png"
is "a camera and a node are one too many" ends 2 'say one camera' preview porch --node /dev/null -o "$work/a.png"
is "a wait that is none is refused" ends 2 "'soon' is not a number of seconds" preview --wait soon -o "$work/a.png"
is "a wait without end is refused" ends 2 'is not a number of seconds' preview --wait 3601 -o "$work/a.png"
is "what is no camera is refused" ends 1 '/dev/null is no camera' preview --node /dev/null -o "$work/a.png"
is "a node that is not there is refused" ends 1 'No such file' preview --node "$work/none" -o "$work/a.png"
is "region wants to know which camera" ends 2 'region draw CAMERA' region draw
is "a grid of one part is refused" ends 2 "'1' is not a number from 2 to 50" region draw porch --grid 1 -o "$work/a.png"
is "a policy that is not there is refused" ends 2 "$work/none" region draw porch --policy "$work/none" -o "$work/a.png"
printf '[camera porch]\npurpose = a test\nfacse = fill\n' >"$work/wrong.conf"
is "a policy with an error is refused, with its line" ends 2 "wrong.conf:3: unknown key 'facse'" \
	region draw porch --policy "$work/wrong.conf" -o "$work/a.png"
is "a camera that has no policy is refused" ends 2 'there is no \[camera door\]' \
	region draw door --policy tests/fuzz/corpus/policy/live.ini -o "$work/a.png"
if [ -d /sys/kernel/config/scrim ]; then
	skip "without the driver there is no camera" "the driver is loaded"
else
	is "without the driver there is no camera" ends 1 'no live scrim camera porch' preview porch -o "$work/a.png"
fi
is "none of that left a file" no_file

is "wall is explained" ends 0 '^usage: scrim wall' wall --help
is "a wall takes no camera without its option" ends 2 'say --camera' wall porch
is "a name that is none is refused" ends 2 'takes names of cameras' wall --camera porch,,door
is "and one that is too long" ends 2 'takes names of cameras' wall --camera porch,12345678901234567890123456789012
is "a camera on two places is refused" ends 2 'camera porch is named twice' wall --camera porch,door,porch
is "17 cameras are one too many" ends 2 '16 cameras are the most' wall --camera "$(seq -s , 17)"
is "what is listed is not shown" ends 2 'or --list' wall --list --camera porch
is "nor is its way said" ends 2 'or --list' wall --list --verbose
is "and JSON is of a list" ends 2 'or --list' wall --json
is "screens are a JSON array" sh -c "'$scrim' wall --list --json | jq -e 'type == \"array\"' >/dev/null"
if [ -d /sys/kernel/config/scrim ]; then
	skip "without the driver nothing is shown" "the driver is loaded"
else
	is "without the driver nothing is shown" ends 1 'no live scrim camera porch' wall --camera porch
	is "by any name" ends 1 'there is no live scrim camera' wall
fi

# A system on which nothing is wrong: a camera "porch" fed from /dev/video0, which is also a USB
# device and has a media node; scrimd is process 70.
put() { mkdir -p "$(dirname "$root/$1")" && printf '%s\n' "$2" >"$root/$1"; }
link() { mkdir -p "$(dirname "$root/$2")" && ln -sfn "$1" "$root/$2"; }
node() {
	put "$1" ""
	chown "$2" "$root/$1" && chmod "$3" "$root/$1"
}
prepare() {
	root=$work/sound
	put proc/mounts "configfs /sys/kernel/config configfs rw 0 0"
	put proc/sys/kernel/osrelease 6.1.0-1-amd64
	put proc/sys/kernel/seccomp/actions_avail "kill_process allow"
	put sys/kernel/security/lsm "lockdown,capability,landlock,bpf"
	put sys/kernel/security/lockdown "none [integrity] confidentiality"
	put sys/module/module/parameters/sig_enforce N
	put sys/module/scrim/taint O
	put etc/passwd "scrim:x:990:990::/:/usr/sbin/nologin"
	put etc/group "scrim:x:991:"
	mkdir -p "$root/run/scrim"
	python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$root/run/scrim/porch"
	chown 0:991 "$root/run/scrim/porch" && chmod 0660 "$root/run/scrim/porch"
	put usr/lib/udev/rules.d/72-scrim-raw.rules ""
	put sys/class/video4linux/video0/index 0
	link ../../drivers/uvcvideo sys/class/video4linux/video0/device/driver
	put sys/class/video4linux/video1/index 0
	link ../../drivers/scrim sys/class/video4linux/video1/device/driver
	put sys/class/video4linux/video2/index 1
	link ../../drivers/scrim sys/class/video4linux/video2/device/driver
	put sys/bus/usb/devices/1-2/busnum 1
	put sys/bus/usb/devices/1-2/devnum 4
	put sys/bus/usb/devices/1-2:1.0/bInterfaceClass 0e
	put sys/bus/usb/devices/1-2:1.1/bInterfaceClass 0e
	put sys/bus/usb/devices/1-3:1.0/bInterfaceClass 03
	put sys/devices/usb1/media0/model camera
	link ../drivers/uvcvideo sys/devices/usb1/driver
	link ../../../devices/usb1/media0 sys/bus/media/devices/media0
	for name in dev/video0 dev/video1 dev/media0 dev/bus/usb/001/004; do
		node "$name" 990 0600
	done
	node dev/video2 0:44 0660
	put usr/bin/wireplumber ""
	put usr/share/wireplumber/main.lua.d/00-functions.lua ""
	put usr/share/wireplumber/main.lua.d/51-scrim-raw.lua ""
	put sys/kernel/config/scrim/porch/live 1
	put proc/70/comm scrimd
	printf '/usr/sbin/scrimd\0--camera\0porch\0' >"$root/proc/70/cmdline"
	link /dev/video0 proc/70/fd/5
	put proc/71/comm bash
	printf 'bash\0scrimd\0porch\0' >"$root/proc/71/cmdline"
	link /dev/null proc/71/fd/0
	put usr/local/share/scrim/face.onnx ""
	put etc/localtime ""
	put dev/v4l/by-id/usb-camera ""
	put etc/scrim/policy.d/porch.conf "[camera porch]
purpose = a test
device = /dev/v4l/by-id/usb-camera
[region porch/street]
polygon = 0,0 1,0 1,1
between = 22:00-06:00"
}
sound() {
	root=$work/root
	rm -rf "$root"
	cp -a "$work/sound" "$root"
}
doctor() { "$scrim" doctor --root "$root" "$@" >"$work/said" 2>&1; }
nothing_wrong() {
	sound
	doctor && ! grep -v '^ok ' "$work/said" && return
	cat "$work/said"
	return 1
}
# wrong WHAT CHECK WORDS TYPE COMMAND...: the system is sound but for what the command does; the
# doctor names that, says what to type, and finds nothing else.
wrong() {
	local what=$1 check=$2 words=$3 todo=$4; shift 4

	is "$what" is_wrong "$check" "$words" "$todo" "$@"
}
is_wrong() {
	local check=$1 words=$2 todo=$3; shift 3

	sound
	"$@" || return
	! doctor -q && grep -q "^problem  $check: .*$words" "$work/said" && grep -q "^  *type: .*$todo" "$work/said" &&
		[ "$(grep -c '^problem' "$work/said")" = 1 ] && return
	cat "$work/said"
	return 1
}
gone() { rm -r "${root:?}/$1"; }

unloaded() { gone sys/module/scrim && put "lib/modules/6.1.0-1-amd64/updates/dkms/scrim.ko" "${1-code}"; }
open_before() { put proc/72/comm ffmpeg && link /dev/video0 proc/72/fd/3 && link /dev/video0 proc/72/fd/4; }
replays() {
	put boxes "" && chmod 0666 "$root/boxes" &&
		put etc/scrim/policy.d/porch.conf "$(cat "$root/etc/scrim/policy.d/porch.conf" | sed 's|^purpose.*|&\nfaces = fill\ndetector = replay\nreplay = /boxes|')"
}
forged() { open_before && put proc/72/comm scrimd && chown 1000 "$root/proc/72"; }

if [ "$(id -u)" = 0 ]; then
	prepare
	is "the doctor finds nothing wrong where nothing is" nothing_wrong
	wrong "a driver that is not loaded" module 'not loaded' 'modprobe scrim' \
		sh -c "$(declare -f gone put unloaded); root=$work/root; unloaded; echo '[none] integrity' >\$root/sys/kernel/security/lockdown"
	wrong "one that is not signed, on a kernel that is locked down" module 'is not signed' mokutil unloaded
	wrong "one that is signed is only not loaded" module 'not loaded' 'modprobe scrim' unloaded '~Module signature appended~'
	wrong "kernel headers that are missing" module 'headers are missing' 'apt install linux-headers-6.1.0-1-amd64' \
		gone sys/module/scrim
	wrong "configfs that is not mounted" configfs 'not mounted' sys-kernel-config.mount put proc/mounts 'proc /proc proc rw 0 0'
	wrong "a kernel without Landlock" landlock 'does not have it' 'lsm=' put sys/kernel/security/lsm lockdown,bpf
	wrong "a raw node that others can open" raw '/dev/video0 shows .*mode 0660' 'udevadm trigger' chmod 0660 "$work/root/dev/video0"
	wrong "a raw node of somebody else" raw '/dev/media0 shows .*user 1000' 'udevadm trigger' chown 1000 "$work/root/dev/media0"
	wrong "the same camera by its USB node" raw '/dev/bus/usb/001/004 shows' 'udevadm trigger' chmod 0664 "$work/root/dev/bus/usb/001/004"
	wrong "a feed that others can open" nodes '/dev/video1, a feed' 'udevadm trigger' chmod 0666 "$work/root/dev/video1"
	wrong "a scrim camera that everybody can watch" nodes '/dev/video2, which applications read' 'udevadm' chmod 0666 "$work/root/dev/video2"
	wrong "a rule that is missing" rules 'would be open to others' 'install' gone usr/lib/udev/rules.d
	wrong "who has the raw camera open" holders 'ffmpeg (process 72) has /dev/video0 open' 'kill 72' open_before
	wrong "who calls itself scrimd and is somebody else" holders 'scrimd (process 72)' 'kill 72' forged
	wrong "WirePlumber 0.4 without its rule" pipewire 'main.lua.d/51-scrim-raw.lua is missing' 'restart wireplumber' \
		gone usr/share/wireplumber/main.lua.d/51-scrim-raw.lua
	wrong "WirePlumber 0.5 without its rule" pipewire 'wireplumber.conf.d/51-scrim-raw.conf is missing' 'restart wireplumber' \
		gone usr/share/wireplumber/main.lua.d
	wrong "a policy with an error" policy "porch.conf:1: " 'scrim policy check' put etc/scrim/policy.d/porch.conf '[camrea porch]'
	wrong "a policy that others can change" policy 'others than root' 'chmod go-w' chmod 0775 "$work/root/etc/scrim/policy.d"
	wrong "a file of it that others can change" policy 'others than root can change /etc/scrim/policy.d/porch.conf' \
		'chmod go-w /etc/scrim/policy.d/porch.conf' chmod 0664 "$work/root/etc/scrim/policy.d/porch.conf"
	wrong "a face model that somebody else can change" model 'others than root can change .*face.onnx: user 1000' \
		'chown root:root' chown 1000 "$work/root/usr/local/share/scrim/face.onnx"
	wrong "boxes that others can change" model 'others than root can change /boxes' 'chmod go-w /boxes' replays
	wrong "no policy at all" policy 'there is no file' 'write \[camera NAME\]' gone etc/scrim/policy.d/porch.conf
	wrong "a camera that is not plugged in" device 'usb-camera is not there' 'ls -l /dev/v4l/by-id' gone dev/v4l/by-id/usb-camera
	wrong "a face model that is missing" model 'no face model' 'install' gone usr/local/share/scrim/face.onnx
	wrong "a daemon that does not run" scrimd 'no scrimd runs' 'systemctl enable --now scrim@porch' gone proc/70
	wrong "a camera that is not live" scrimd 'no such camera' 'scrim@porch' put sys/kernel/config/scrim/porch/live 0
	wrong "a socket that everybody can ask" socket 'mode 0666' 'systemctl restart scrim@porch' chmod 0666 "$work/root/run/scrim/porch"
	wrong "a socket of another group" socket 'group 44' 'systemctl restart scrim@porch' chown 0:44 "$work/root/run/scrim/porch"
	wrong "hours without a time zone" clock 'no time zone' 'timedatectl' gone etc/localtime
	sound
	gone etc/passwd
	doctor
	is "without user scrim, that is said too" grep -q '^problem  user: ' "$work/said"
	sound
	open_before
	is "as JSON it says the same" sh -c "! '$scrim' doctor --root '$root' --json >'$work/json' && python3 -c '
import json, sys
said = json.load(open(sys.argv[1]))
wrong = [c for c in said[\"checks\"] if c[\"result\"] == \"problem\"]
assert said[\"problems\"] == len(wrong) == 1
assert wrong[0][\"check\"] == \"holders\" and wrong[0][\"type\"].startswith(\"kill 72\")
' '$work/json'"
	sound
	is "what cannot be measured is no problem" sh -c "rm -r '$root/sys/kernel/security' && '$scrim' doctor --root '$root' |
		grep -q '^unknown  bpf: '"
else
	skip "the doctor names what is wrong" "only root can prepare nodes of other users"
fi
is "guard is explained" ends 0 '^usage: scrim guard' guard --help
is "guard wants to know what" ends 2 'say on, update, off or status' guard
is "guard does not do what it does not know" ends 2 "unknown command 'guard maybe'" guard maybe
if grep -qs '\<bpf\>' /sys/kernel/security/lsm; then
	skip "without BPF in the kernel's list the guard says so" "the list has it"
else
	is "without BPF in the kernel's list the guard says so" ends 1 'cannot guard: .*/sys/kernel/security\|lsm=' guard on
	is "and so does its status" ends 1 '^off: ' guard status
fi
is "a root that is not there is refused" ends 2 'there is no folder' doctor --root "$work/none"
is "words are refused" ends 2 'one word too many' doctor porch
is "this machine can be looked at" sh -c "'$scrim' doctor >'$work/said'; [ \$? -le 1 ] && grep -q '^[a-z]*  *module: ' '$work/said'"
exit $failed
