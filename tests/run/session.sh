#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A desktop session with our rule for WirePlumber: the real programs, with no device, in a folder of
# their own.  Which cameras they would take is asked of WirePlumber's own script for V4L2, which
# is told of one raw camera and one of scrim's.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
rules=tools/system/wireplumber
work=$(mktemp -d) || exit
pids=
# shellcheck disable=SC2086 # words
trap '[ -z "$pids" ] || kill $pids 2>/dev/null; wait; rm -rf "$work"' EXIT
export XDG_RUNTIME_DIR=$work/run XDG_CONFIG_HOME=$work/config XDG_STATE_HOME=$work/state HOME=$work
export DBUS_SESSION_BUS_ADDRESS=unix:path=$work/bus
mkdir -m 700 "$XDG_RUNTIME_DIR"

# waits WORDS FILE: until they are in it.
waits() {
	local _

	for _ in $(seq 100); do
		! grep -q -e "$1" "$2" 2>/dev/null || return 0
		sleep 0.1
	done
	cat "$2"
	return 1
}
# there SOCKET LOG: waits for it.
there() {
	local _

	for _ in $(seq 100); do
		[ ! -S "$1" ] || return 0
		sleep 0.1
	done
	cat "$2"
	return 1
}
start() {
	dbus-daemon --session --nofork --address="$DBUS_SESSION_BUS_ADDRESS" >"$work/bus.log" 2>&1 &
	pids=$!
	there "$work/bus" "$work/bus.log" || return
	pipewire >"$work/pipewire.log" 2>&1 &
	pids="$pids $!"
	there "$XDG_RUNTIME_DIR/pipewire-0" "$work/pipewire.log"
}
# The last line of configuration is read before the first script runs.
session() {
	WIREPLUMBER_DEBUG=3 wireplumber >"$work/wireplumber.log" 2>&1 &
	pids="$pids $!"
	waits 'monitors/v4l2.lua' "$work/wireplumber.log"
}
serves() {
	wpctl status >"$work/status" 2>&1 && grep -q ' WirePlumber ' "$work/status" && kill -0 "${pids##* }"
}
no_error() { ! grep -E '^E |[Ll]ua.*error' "$work/wireplumber.log"; }

# The monitor of this WirePlumber, whose devices are ours: prints those that it makes.
asked() {
	cat >"$work/asked.lua" <<-'END'
		v4l2_monitor = { rules = {} }
		libcamera_monitor = { enabled = true }
	END
	cat "$rules/51-scrim-raw.lua" >>"$work/asked.lua"
	cat >>"$work/asked.lua" <<-'END'
		local create
		local made = {}
		function SpaDevice(factory, properties)
			local device = {}
			if properties["api.v4l2.path"] then
				table.insert(made, properties["api.v4l2.path"])
			end
			function device:connect(what, call) create = create or call end
			function device:activate() end
			function device:get_managed_object() return nil end
			function device:store_managed_object() end
			return device
		end
		local run = function(...)
	END
	cat /usr/share/wireplumber/scripts/monitors/v4l2.lua >>"$work/asked.lua"
	cat >>"$work/asked.lua" <<-'END'
		end
		run({ rules = v4l2_monitor.rules })
		local monitor = SpaDevice("monitor", {})
		local function plug(path, sysfs)
			create(monitor, 0, "device", "api.v4l2.device", {
				["api.v4l2.path"] = path, ["device.sysfs.path"] = sysfs,
				["device.bus-path"] = "path" .. path,
			})
		end
		plug("/dev/video0", "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/video4linux/video0")
		plug("/dev/video1", "/sys/devices/platform/scrim.0/video4linux/video1")
		plug("/dev/video2", "/sys/devices/platform/vivid.0/video4linux/video2")
		print("takes " .. table.concat(made, " ") .. " libcamera " .. tostring(libcamera_monitor.enabled))
		Core.quit()
	END
	timeout 20 wpexec "$work/asked.lua" >"$work/asked" 2>&1
	grep '^takes' "$work/asked" || cat "$work/asked"
}

if ! command -v wireplumber >/dev/null || ! [ -e /usr/share/wireplumber/scripts/monitors/v4l2.lua ]; then
	skip "WirePlumber 0.4 takes our rule" "there is no WirePlumber 0.4"
else
	mkdir -p "$XDG_CONFIG_HOME/wireplumber/main.lua.d"
	cp $rules/51-scrim-raw.lua "$XDG_CONFIG_HOME/wireplumber/main.lua.d/"
	is "PipeWire starts" start
	is "WirePlumber starts its monitor of cameras" session
	is "it has read our rule" grep -q 'main.lua.d/51-scrim-raw.lua' "$work/wireplumber.log"
	is "it serves the session" serves
	is "it does not look for cameras by libcamera" test "$(grep -c 'monitors/libcamera.lua' "$work/wireplumber.log")" = 0
	is "it names no error" no_error
	is "of three cameras it takes that of scrim alone" test "$(asked)" = "takes /dev/video1 libcamera false"
fi
if command -v spa-json-dump >/dev/null; then
	is "the rule for 0.5 is what PipeWire can read" sh -c "spa-json-dump $rules/51-scrim-raw.conf >'$work/conf.json' &&
		python3 -c 'import json, sys; json.load(open(sys.argv[1]))[\"monitor.v4l2.rules\"][1]' '$work/conf.json'"
else
	skip "the rule for 0.5 is what PipeWire can read" "there is no spa-json-dump"
fi
exit $failed
