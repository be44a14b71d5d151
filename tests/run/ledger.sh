#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The log, as scrimd writes it, and scrim log and verify as anybody reads it: minisign and a few
# lines of Python, which know nothing of scrim, agree with them.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
scrim=${SCRIM:-build/bin/scrim}
tmp=$(mktemp -d) || exit
mounted=
trap '[ -z "$mounted" ] || umount "$mounted"; rm -rf "$tmp"' EXIT
export LOGS_DIRECTORY=$tmp/log STATE_DIRECTORY=$tmp/state
mkdir "$tmp/log" "$tmp/state"
pub=$tmp/state/log.pub

# status N COMMAND...: it exits with N; what it says is in $tmp/out and $tmp/err.
status() {
	local wanted=$1 got; shift

	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	got=$?
	[ $got -eq "$wanted" ] || { echo "status $got, not $wanted: $*"; cat "$tmp/out" "$tmp/err"; return 1; }
}
says() { grep -q -e "$1" "$tmp/out" || { cat "$tmp/out"; return 1; }; }
complains() { grep -q -e "$1" "$tmp/err" || { cat "$tmp/err"; return 1; }; }
json() { python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); sys.exit(not eval(sys.argv[2]))' "$tmp/out" "$1"; }
verify() { status "$1" "$scrim" verify --folder "$tmp/log" --key "$pub" "${@:2}"; }
log() { status "$1" "$scrim" log --folder "$tmp/log" --key "$pub" "${@:2}"; }
# until_in FILE WORDS
until_in() { timeout 20 sh -c 'until grep -q -s -e "$2" "$1"; do sleep 0.1; done' sh "$1" "$2" || { cat "$1"; return 1; }; }

printf '[camera porch]\ndevice = /dev/video0\npurpose = see who rings\n' >"$tmp/policy.conf"
writer_builds() {
	# shellcheck disable=SC2046 # flags are words
	gcc -std=c17 -D_GNU_SOURCE -Wall -Werror -DSCRIM_VERSION='"test"' -Ilib -I. -Itools -o "$tmp/writer" \
		tests/run/ledger_write.c tools/scrimd_log.c build/lib/libscrim.a \
		-Wl,--as-needed $(pkg-config --libs inih jansson libseccomp libsodium) -lm
}
# events WORD...: of the camera porch.
events() { printf '%s\n' "$@" | "$tmp/writer" porch "$tmp/policy.conf" >"$tmp/out" 2>"$tmp/err"; }
# A log of seven entries, and nothing else.
fresh() { rm -rf "$tmp/log" && mkdir "$tmp/log" && events start shut open loosen refuse shut stop; }

is "what scrimd writes with compiles by itself" writer_builds
is "events are written" fresh
is "the log is whole" verify 0 porch
is "and says so" says '^porch: whole: 7 entries in 1 file$'
whole_json() { verify 0 --json && json 'd[0]["whole"] and d[0]["entries"] == 7 and d[0]["head"] == "agrees"'; }
is "and says so in JSON" whole_json

# Read by others.
owned() { [ "$(stat -c %a "$tmp/state/log.key" "$tmp/log/porch.log" "$pub" | paste -sd ' ')" = "600 640 644" ]; }
is "the key is its owner's, the log for his group, the public key for all" owned
python_agrees() {
	python3 -c '
import hashlib, json, sys
before = "0" * 64
for number, line in enumerate(open(sys.argv[1], "rb").read().split(b"\n")[:-1], 1):
    entry = json.loads(line)
    again = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert again.encode() == line, line
    assert entry["seq"] == number and entry["prev"] == before and entry["log"] == "porch"
    before = hashlib.blake2b(line, digest_size=32).hexdigest()
assert number == 7 and before in open(sys.argv[2]).read()' "$tmp/log/porch.log" "$tmp/log/porch.head"
}
is "Python finds the same chain, and the head's hash at its end" python_agrees
policy_is_known() {
	local hash

	hash=$("$scrim" policy show "$tmp/policy.conf" --camera porch | b2sum -l 256 | cut -d' ' -f1)
	grep -q "\"policy\":\"$hash\"" "$tmp/log/porch.log"
}
is "the hash of a policy is that of what scrim policy show prints" policy_is_known
nothing_else() { ! grep -e "$HOME" -e /dev/video -e "see who" -e "$tmp" "$tmp/log/porch.log"; }
is "no path, device or purpose is in the log" nothing_else

# An entry without its signature, and that in minisign's older form.  minisign wants a signed
# comment as well, which an entry has not: it says which of the two is wrong.
entry_is_signed() {
	python3 -c '
import base64, json, sys
line = open(sys.argv[1], "rb").read().split(b"\n")[int(sys.argv[3]) - 1]
open(sys.argv[4], "wb").write(line[:line.index(b",\"sig\":\"")] + b"}")
key = base64.b64decode(open(sys.argv[2]).read().split("\n")[1])
sig = b"Ed" + key[2:10] + base64.b64decode(json.loads(line)["sig"])
open(sys.argv[4] + ".minisig", "w").write("untrusted comment: x\n%s\ntrusted comment: x\n%s\n" % (
    base64.b64encode(sig).decode(), base64.b64encode(bytes(64)).decode()))' \
		"$tmp/log/porch.log" "$pub" "$1" "$tmp/entry"
	minisign -V -p "$pub" -m "$tmp/entry" 2>&1 | grep -q 'Comment signature verification failed' || return
	sed -i 's/"at":"20/"at":"19/' "$tmp/entry"
	! minisign -V -p "$pub" -m "$tmp/entry" 2>&1 | grep -q 'Comment signature verification failed'
}
edited_head() {
	sed 's/^entries 7/entries 6/' "$tmp/log/porch.head" >"$tmp/head" &&
		cp "$tmp/log/porch.head.minisig" "$tmp/head.minisig" && ! minisign -V -q -p "$pub" -m "$tmp/head"
}
our_key_signs() {
	echo text >"$tmp/text" && minisign -S -W -s "$tmp/state/log.key" -m "$tmp/text" >/dev/null </dev/null &&
		minisign -V -q -p "$pub" -m "$tmp/text"
}
its_key_signs() {
	mkdir "$tmp/its" && minisign -G -W -p "$tmp/its/log.pub" -s "$tmp/its/log.key" >/dev/null </dev/null &&
		chmod 600 "$tmp/its/log.key" && STATE_DIRECTORY=$tmp/its LOGS_DIRECTORY=$tmp/its events start stop &&
		"$scrim" verify porch --folder "$tmp/its" --key "$tmp/its/log.pub" >/dev/null &&
		minisign -V -q -p "$tmp/its/log.pub" -m "$tmp/its/porch.head"
}
if command -v minisign >/dev/null; then
	is "minisign finds the head signed" minisign -V -q -p "$pub" -m "$tmp/log/porch.head"
	is "as a hashed file" minisign -V -H -q -p "$pub" -m "$tmp/log/porch.head"
	is "and the signature of an entry right" entry_is_signed 4
	is "an edited head is none for minisign" edited_head
	is "minisign signs with our key" our_key_signs
	is "a key that minisign made signs a log" its_key_signs
else
	skip "minisign agrees" "there is no minisign"
fi

# Printed.
lines() {
	log 0 porch && says '^20[0-9-]*T[0-9:]*Z porch 1 start: policy [0-9a-f]\{12\}, version test$' &&
		says ' porch 2 shutter: by 1000, shut yes$' && says ' porch 3 shutter: by 1000, shut no$' &&
		says ' porch 4 policy: accepted yes, by 1000, count 1, policy [0-9a-f]*, verdict LOOSENS$' &&
		says '^    LOOSENS faces: .* becomes show$' && says ' porch 5 policy: accepted no' && says ' porch 7 stop$'
}
is "entries are printed, a line each" lines
refused_again() {
	fresh && events refuse refuse refuse refuse shut refuse start loosen refuse && verify 0 porch && log 0 porch &&
		[ "$(grep -c 'accepted no' "$tmp/out")" = 2 ] && says ' porch 9 shutter: by 1000, refused_again 3, shut yes$' &&
		says ' porch 10 start: policy [0-9a-f]*, refused_again 1, ' && says ' porch 11 policy: accepted yes' &&
		[ "$(wc -l <"$tmp/log/porch.log")" = 11 ] && fresh
}
is "a refusal like the last one is counted, and the next entry says so" refused_again
last() { log 0 porch -n 2 && [ "$(wc -l <"$tmp/out")" = 2 ] && says ' 6 shutter' && says ' 7 stop'; }
is "-n prints the last of them" last
as_json() { log 0 porch --json && cmp "$tmp/out" "$tmp/log/porch.log"; }
is "--json prints them as they are" as_json
head_printed() { log 0 porch --head && cmp "$tmp/out" "$tmp/log/porch.head"; }
is "--head prints the head" head_printed

# Edited: each is named, by both commands.
edited() {	# SED WHERE WHAT
	fresh && sed -i "$1" "$tmp/log/porch.log" && verify 4 porch && complains "porch.log$2: .*$3" &&
		log 4 porch && complains "porch.log$2: "
}
is "a changed word is named" edited '4s/"accepted":true/"accepted":false/' :4 'not what key'
is "a changed time is named" edited '2s/"at":"20/"at":"19/' :2 'not what key'
is "another order of words is named" edited '3s/^{\("at":"[^"]*"\),\(.*\)}$/{\2,\1}/' :3 'not written as'
is "an entry that is gone is named" edited 4d :4 'entry 4 is missing'
is "two that are gone are named" edited 4,5d :4 'entries 4 to 5 are missing'
is "one that is there twice is named" edited 3p :4 'entry 3 is here again'
is "a line that is put in is named" edited '3a {"at":"2026-11-22T00:00:00Z"}' :4 'not an entry'
printed_before() { log 4 porch && [ "$(grep -c ' porch ' "$tmp/out")" = 3 ]; }
is "what comes before it is printed" printed_before
cut_off() { fresh && sed -i '6,$d' "$tmp/log/porch.log" && verify 4 porch && complains 'porch.head: the log ends with entry 5, and its head says 7'; }
is "an end that is cut off is told" cut_off
edited_json() { fresh && sed -i 4d "$tmp/log/porch.log" && verify 4 --json && json 'not d[0]["whole"] and d[0]["broken"]["where"].endswith("porch.log:4")'; }
is "and so it is in JSON" edited_json
kept_head() {
	fresh && "$scrim" log porch --head --folder "$tmp/log" --key "$pub" >"$tmp/kept" && rm "$tmp/log"/* && events start stop &&
		verify 0 porch && verify 4 porch --head "$tmp/kept" && complains "$tmp/kept: the log ends with entry 2, and its head says 7" &&
		events shut open shut open stop && verify 4 porch --head "$tmp/kept" &&
		complains 'log:7: entry 7 is not the one that the head kept elsewhere names' &&
		verify 2 --head "$tmp/kept" && complains 'say which camera'
}
is "a log that was begun anew is told by a head kept elsewhere" kept_head
other_key() {
	STATE_DIRECTORY=$tmp/other && mkdir -p "$STATE_DIRECTORY" && fresh
	STATE_DIRECTORY=$tmp/state
	verify 4 porch && complains 'porch.log:1: entry 1 is signed by key [0-9A-F]\{16\}, which is not known'
}
is "a log that another key signed is told" other_key
not_there() {
	fresh && verify 2 yard && complains "there is no log of 'yard'" && verify 2 ../porch && complains 'no name of a log' &&
		status 2 "$scrim" verify --folder "$tmp/none" --key "$pub" && complains 'No such file' &&
		log 2 porch -n 0 && log 2 --colour && log 2 porch yard && status 0 "$scrim" verify --help
}
is "what is not there is refused" not_there
no_room() {
	[ -e /dev/full ] || return 0
	"$scrim" log porch --folder "$tmp/log" --key "$pub" >/dev/full 2>"$tmp/err"
	[ $? -eq 1 ] && complains 'cannot write'
}
is "an answer that cannot be written is an error" no_room

# Rotated.
rotate() {
	sed "s|^/var/log/scrim|$tmp/log|; /su /d; s/size 1M/size 1/; s/%s/$1/" tools/system/scrim.logrotate >"$tmp/rotate.conf" &&
		chmod 644 "$tmp/rotate.conf" && chmod 755 "$tmp/log" && logrotate -s "$tmp/rotated" "$tmp/rotate.conf"
}
rotated() {
	fresh && rotate 1 && events start shut && rotate 2 && events open stop && verify 0 porch &&
		says '^porch: whole: 11 entries in 3 files$' && log 0 porch && [ "$(grep -c ' porch ' "$tmp/out")" = 11 ]
}
one_file_gone() { rm "$tmp/log"/porch.log-*-2 && verify 4 porch && complains 'porch.log:1: entries 8 to 9 are missing'; }
older_gone() {
	fresh && cp "$tmp/log/porch.head" "$tmp/kept" && rotate 1 && events start && rm "$tmp/log"/porch.log-* && verify 3 porch &&
		says 'it begins with entry 8, what is older is not here$' && verify 0 porch --head "$tmp/kept" &&
		says 'the head vouches for it'
}
emptied() {
	fresh && : >"$tmp/log/porch.log" && rm "$tmp/log"/porch.head* && verify 3 porch &&
		says '^porch: not whole: there is no entry and no head' &&
		verify 3 --json && json 'not d[0]["whole"] and d[0]["entries"] == 0'
}
is "a log whose entries and head are gone is not whole" emptied
if command -v logrotate >/dev/null; then
	is "a log that logrotate rotated is one chain" rotated
	is "a file that is gone is named" one_file_gone
	is "a beginning that is gone is told, and a head of that time vouches for it" older_gone
else
	skip "a log that logrotate rotated is one chain" "there is no logrotate"
fi

# Followed: what is added, also to the next file.
followed() {
	local pid ok=false

	fresh
	"$scrim" log porch --follow -n 1 --folder "$tmp/log" --key "$pub" >"$tmp/followed" 2>&1 &
	pid=$!
	until_in "$tmp/followed" ' 7 stop' && events start && until_in "$tmp/followed" ' 8 start' &&
		mv "$tmp/log/porch.log" "$tmp/log/porch.log.1" && events shut && until_in "$tmp/followed" ' 9 shutter' &&
		[ "$(grep -c . "$tmp/followed")" = 3 ] && ok=true
	kill $pid
	wait $pid 2>/dev/null
	$ok
}
is "--follow prints what is added, also after rotation" followed

# scrimd itself, with a camera that is not there and a feed for nobody.
scrimd=${SCRIMD:-build/bin/scrimd}
daemon() {
	: >"$tmp/said"			# of what another said nothing stays
	"$scrimd" --camera porch --policy "$tmp/policy.d" --feed null >"$tmp/said" 2>&1 &
	pid=$!
	until_in "$tmp/said" 'ready'
}
ends() { kill "-$1" $pid; wait $pid 2>/dev/null; :; }
logged() { verify 0 porch && log 0 porch && says "$1"; }
daemon_logs() {
	rm -rf "$tmp/log" "$tmp/policy.d" && mkdir "$tmp/log" "$tmp/policy.d" &&
		printf '[camera porch]\ndevice = file:%s\npurpose = a test\n' "$tmp/none.mp4" >"$tmp/policy.d/a.conf" || return
	daemon && printf '[region porch/street]\npolygon = 0,0 1,0 1,1\n' >>"$tmp/policy.d/a.conf" && kill -HUP $pid &&
		until_in "$tmp/log/porch.log" '"kind":"policy"' && ends TERM &&
		logged ' porch 1 start: .*policy [0-9a-f]*, version ' && says ' porch 2 policy: accepted yes, ' &&
		says '^    TIGHTENS region street: ' && says ' porch 3 stop$'
}
daemon_killed() { daemon && ends KILL && daemon && ends TERM && logged ' porch 6 stop$' && says ' porch 5 start'; }
is "scrimd logs that it begins, takes a policy and ends" daemon_logs
is "one that was killed leaves a log that is whole" daemon_killed

# A full disk.
full() {
	mkfifo "$tmp/fifo"
	LOGS_DIRECTORY=$tmp/disk "$tmp/writer" porch "$tmp/policy.conf" <"$tmp/fifo" >"$tmp/wrote" 2>"$tmp/said" &
	exec 4>"$tmp/fifo"
	echo start >&4 && until_in "$tmp/wrote" start
	cat /dev/zero >"$tmp/disk/fill" 2>/dev/null
	# Until the last block of the log is full.
	for _ in $(seq 40); do echo loosen >&4; done
	echo stop >&4 && until_in "$tmp/wrote" stop
	rm "$tmp/disk/fill"
	echo open >&4; exec 4>&-
	wait
	until_in "$tmp/said" 'porch: cannot write .*No space left on device; the log misses what happens' &&
		[ "$(grep -c 'misses what happens' "$tmp/said")" = 1 ] &&
		tail -n 1 "$tmp/disk/porch.log" | grep -q '"missing":[0-9]*,.*"kind":"shutter"' &&
		status 0 "$scrim" verify porch --folder "$tmp/disk" --key "$pub"
}
mkdir "$tmp/disk"
if mount -t tmpfs -o size=64k tmpfs "$tmp/disk" 2>/dev/null; then
	mounted=$tmp/disk
	is "on a full disk it goes on, says so once, and counts what is missing" full
else
	skip "on a full disk it goes on, says so once, and counts what is missing" "nothing can be mounted here"
fi

# The door is locked before the command answers, and nothing is opened behind it.
locked() {
	strace -f -o "$tmp/trace" "$scrim" "$@" >/dev/null 2>&1
	python3 -c '
import re, sys
first, locked, after = None, False, []
for line in open(sys.argv[1]):
    pid, call = line.split(None, 1)
    first = first or pid
    if pid == first and locked: after.append(call)
    if pid == first and re.match(r"seccomp\(SECCOMP_SET_MODE_FILTER.* = 0", call): locked = True
opens = [c for c in after if re.match(r"open|socket|connect|clone|v?fork|execve|creat|stat\(", c)]
if opens: print(opens)
sys.exit(not locked or not any(c.startswith("write(1") for c in after) or bool(opens))' "$tmp/trace"
}
mask="frigate 0,0,0.5,0,0.5,1"
if strace -o /dev/null true 2>/dev/null; then
	is "scrim verify locks itself in before it answers" locked verify porch --folder "$tmp/log" --key "$pub"
	is "so does scrim log" locked log porch --folder "$tmp/log" --key "$pub"
	is "and scrim log --head" locked log porch --head --folder "$tmp/log" --key "$pub"
	for words in "check $tmp/policy.conf" "show $tmp/policy.conf" "show --json $tmp/policy.conf" \
		     "diff --json $tmp/policy.conf $tmp/policy.conf" "import $mask"; do
		# shellcheck disable=SC2086 # words
		is "and scrim policy ${words%% *}" locked policy $words
	done
else
	skip "commands lock themselves in before they answer" "strace cannot trace here"
fi
exit $failed
