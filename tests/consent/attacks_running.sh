#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# attacks_running.sh [WORD]: attacks on scrim export while it redacts and encrypts, or those with
# WORD in their names; printed as attacks.sh does, and what got out is looked for as there.  That it
# stops when it is switched off, and when somebody withdraws, is in tests/run/export.sh.
set -u
only=${1-}
tools='gcc pgrep pkill'
cd "$(dirname "$0")/../.." || exit
. tests/consent/attack.sh

gcc -std=c17 -D_GNU_SOURCE -O1 -Wall -Wextra -Werror -o "$work/bin/reach" tests/consent/reach.c || exit
# Its processes are found by the command that they have in common.
export=("$tool" export --campaign "$offer" --to example-vision)

# reach ARGUMENTS...: as the owner, where a core would appear; what it says is in $work/reached.
reach() {
	rm -rf "$home/cores" && install -d -m 700 -o $me -g $me "$home/cores" || return
	as $me sh -c 'cd "$0" && exec "$@"' "$home/cores" "$work/bin/reach" "$@" >"$work/reached" 2>&1 </dev/null
}
reached() { grep -q -x -e "$1" "$work/reached" || { cat "$work/reached" >&2; return 1; }; }
given() { find "$work" -name '*.age' -type f; }
ledger() { jq -r .kind "$store/export.log" 2>/dev/null | paste -sd ' '; }

# Before all into what is not protected: there each way has to lead in.
ways='PTRACE_ATTACH PTRACE_SEIZE process_vm_readv mem maps environ fd pidfd_getfd RLIMIT_CORE'
open_to_all() {
	reach sh -c 'sleep 0.3; :'
	for way in $ways; do
		grep -q "^command reached sh by $way" "$work/reached" && grep -q "^child reached .* by $way" "$work/reached" ||
			{ echo "there is no way by $way here, into any program" >"$work/why"; return 1; }
	done
}
# age is another program, which holds what the recipient gets: it leaves no core.
by_reaching_in() {
	open_to_all || return 77
	reach "${export[@]}" -q "$home/slow.mp4" && reached 'command saw scrim' && reached 'child saw scrim' && reached 'child saw age' &&
		reached 'command ended: status 0' && ! grep -e 'reached scrim' -e 'age by RLIMIT_CORE' "$work/reached" >&2 && [ "$(given | wc -l)" = 1 ]
}
# Another user finds processes, and nothing behind them; as there is no export of his, it is not he who starts it.
by_reaching_in_as_another() {
	local run pid way got=

	as $me "${export[@]}" -q "$home/long.mp4" >"$work/said" 2>&1 </dev/null &
	run=$!
	while kill -0 $run 2>/dev/null && ! pid=$(pgrep -f "^$tool "); do sleep 0.02; done
	for pid in $(pgrep -f "^$tool "); do
		for way in mem maps environ fd/0 fd/3 fd/4; do ! as $other head -c 1 "/proc/$pid/$way" >/dev/null 2>&1 || got+=" $pid/$way"; done
		! as $other kill -STOP "$pid" 2>/dev/null || got+=" kill"
	done
	[ -n "$pid" ] && wait $run && [ -z "$got" ]
}

# Killed by what leaves a core elsewhere: SIGQUIT, SIGABRT, SIGSEGV.
by_cores() {
	local attempt signal who

	reach -s 11 -w sleep sh -c 'sleep 2 & wait; exec sleep 0' && [ -n "$(ls "$home/cores")" ] ||
		{ echo "no program leaves a core in its folder here" >"$work/why"; return 77; }
	for attempt in command:3 command:6 command:11 worker:11 age:3 age:6; do
		who=${attempt%:*} signal=${attempt#*:}
		reach -s $signal -w $who "${export[@]}" -q "$home/long.mp4" && reached "$who gets the signal" || return
		if [ $who = command ]; then reached "command ended: signal $signal"; else reached "command ended: status 1"; fi &&
			[ -z "$(ls "$home/cores")$(given)$(find "$home/tmp" -type f)" ] || return
	done
	give 0 "$home/long.mp4" && [ "$(bundles | wc -l)" = 1 ] && [ "$(ledger)" = "item bundle" ]
}
by_ending_it() {
	for signal in 1 2 15; do
		reach -s $signal -w command "${export[@]}" -q "$home/long.mp4" && reached "command ended: status 130" &&
			[ -z "$(bundles)$(find "$home/tmp" "$store/stage" -type f ! -name lock)" ] || return
	done
}
# It stands still while its worker goes on, and then the worker does.
by_stopping_it() {
	local run who

	for who in command worker; do
		rm -f "$work/reached"
		reach -s 19 -w $who "${export[@]}" -q "$home/long.mp4" &
		run=$!
		until grep -q 'gets the signal' "$work/reached" 2>/dev/null || ! kill -0 $run; do sleep 0.1; done
		sleep 0.5
		pgrep -f "^$tool " >/dev/null && [ -z "$(given)" ] && pkill -CONT -f "^$tool " && wait $run && reached 'command ended: status 0' &&
			[ "$(given | wc -l)" = 1 ] && ! leaks && fresh || return
	done
}

# What was open when it was started.  A program in age's place writes to all that it finds open.
folder_of_files() { rm -rf "$home/fds" && install -d -m 700 -o $me -g $me "$home/fds" && for fd in {0..63}; do : >"$home/fds/$fd"; done; }
with_all_open() (	# COMMAND...
	for fd in {3..63}; do eval "exec $fd>>'$home/fds/$fd'"; done
	"$@"
)
by_open_files() {
	folder_of_files && with_all_open as $me "${export[@]}" "$home/open.mp4" >/dev/null 2>&1 <&- && [ "$(given | wc -l)" = 1 ] &&
		as $me "${export[@]}" -q "$home/slow.mp4" <&- >&- 2>&- && [ "$(given | wc -l)" = 2 ] && [ "$(ledger)" = "item bundle item bundle" ] &&
		{ as $me "${export[@]}" "$home/closed.mp4" <&- >&- 2>&-; [ $? = 26 ]; } && status 0 as $me "$tool" ledger stats &&
		[ -z "$(find "$home/fds" -type f ! -empty)" ]
}
by_open_files_in_age() {
	printf '#!/bin/sh\nfor fd in 3 4 5 6 7 8 9; do eval "echo got >&$fd"; done 2>/dev/null\ncat >&3\nexit 1\n' >"$work/evil-age" && chmod 755 "$work/evil-age" &&
		folder_of_files && mount --bind "$work/evil-age" /usr/bin/age || return
	with_all_open as $me "${export[@]}" -q "$home/open.mp4" >"$work/said" 2>&1 </dev/null
	[ $? = 1 ] && says 'cannot encrypt' && [ -z "$(given)$(find "$home/fds" -type f ! -empty)" ]
	set -- $?
	umount /usr/bin/age
	return "$1"
}
by_open_clips() {
	local before; before=$(sha256sum "$home"/*.mp4)

	(
		for fd in {3..20}; do eval "exec $fd<>'$home/closed.mp4'"; done
		for fd in {21..40}; do eval "exec $fd<>'$store/consent.log' $((fd + 20))<'$store'"; done
		as $me "${export[@]}" -q "$home/open.mp4" <>"$home/closed.mp4"
	) && [ "$before" = "$(sha256sum "$home"/*.mp4)" ] && [ "$(ledger)" = "item bundle" ]
}

# at_once NUMBER CLIP...: so many exports of each; how each ended is in $work/ends.
at_once() {
	local number=$1 clip i pids=(); shift

	for clip; do for ((i = 0; i < number; i++)); do as $me "${export[@]}" -q "$clip" >>"$work/said" 2>&1 </dev/null & pids+=($!); done; done
	: >"$work/said"; : >"$work/ends"
	for i in "${pids[@]}"; do wait "$i"; echo $? >>"$work/ends"; done
	# Those that found another under way are told so, and may ask again.
	! grep -q -v -x -e 0 -e 1 -e 34 "$work/ends" && says 'another export is under way' || { cat "$work/ends" >&2; return 1; }
}
by_two_of_one_clip() {
	at_once 6 "$home/slow.mp4" && [ "$(given | wc -l)" = 1 ] && [ "$(ledger)" = "item bundle" ] && give 0 "$home/slow.mp4" && says 'given before'
}
# Acts of different days, so that they are different events.
by_racing_for_the_quota() {
	local n

	jq '.quota."package-theft" = 1' "$offer" >"$work/one.json" && cat "$work/one.json" >"$offer" || return
	grant --subject owner --applies-before 2026-11-20T00:00:00Z
	for n in 1 2 3 4 5 6; do
		cp -p "$home/open.mp4" "$home/race$n.mp4" && printf $n >>"$home/race$n.mp4" && item "$home/race$n.mp4" owner || return
	done
	at_once 1 "$home"/race?.mp4 && [ "$(given | wc -l)" = 1 ] && [ "$(ledger)" = "item bundle" ] && ! leaks &&
		for n in 1 2 3 4 5 6; do give_or_quota "$home/race$n.mp4" || return; done && [ "$(given | wc -l)" = 1 ]
}
give_or_quota() { as $me "${export[@]}" "$1" >"$work/said" 2>&1 </dev/null; case $? in 0) says 'given before' ;; 34) says E_QUOTA ;; *) cat "$work/said" >&2; false ;; esac; }

# Waits until a child of the export has computed for some ticks: it is the one that redacts.
until_it_redacts() {
	local pid

	while pid=$(pgrep -o -f "^$tool "); do
		for pid in $(pgrep -P "$pid"); do
			[ "$(awk '{ print $14 + $15 }' "/proc/$pid/stat" 2>/dev/null || echo 0)" -lt 5 ] || return 0
		done
	done
	return 1
}
# meanwhile STATUS COMMAND...: two clips, and COMMAND when the first is redacted and the second is not.
meanwhile() {
	local wanted=$1 line run got=0 ran=no; shift

	: >"$work/lines"
	rm -f "$work/fifo"; mkfifo "$work/fifo" || return
	as $me "${export[@]}" --json "$home/open.mp4" "$home/long.mp4" >"$work/fifo" 2>"$work/said" </dev/null &
	run=$!
	while read -r line; do
		case $line in *'"redacted"'*open.mp4*)
			until_it_redacts && pkill -STOP -f "^$tool " && "$@" && ran=yes
			pkill -CONT -f "^$tool " ;;
		esac
		echo "$line" >>"$work/lines"
	done <"$work/fifo"
	wait $run || got=$?
	cat "$work/lines" >>"$work/said"
	[ $got = "$wanted" ] && [ $ran = yes ] || { echo "status $got, not $wanted: $ran $*" >&2; cat "$work/said" >&2; return 1; }
}
# Under the same name, as the owner would; and the same bytes in place.
swap() { cp "$1" "$2.new" && chown $me:$me "$2.new" && mv -f "$2.new" "$2"; }
write_over() { dd if="$1" of="$2" conv=notrunc status=none; }

with_foes_key() { jq --arg key "$(age-keygen -y "$work/foe")" '.recipients[0].pubkey = $key | .offer.purpose = "train-detector:car-theft"' "$offer" >"$work/foes.json" && swap "$work/foes.json" "$offer"; }
by_another_campaign() { meanwhile 0 with_foes_key && [ "$(given | wc -l)" = 1 ]; }
with_another_clip() { swap "$home/closed.mp4" "$home/open.mp4" && swap "$home/closed.mp4" "$home/long.mp4"; }
by_another_clip() {
	meanwhile 0 with_another_clip && [ "$(given | wc -l)" = 1 ] && ! leaks && fresh &&
		meanwhile 0 write_over "$home/closed.mp4" "$home/long.mp4" && [ "$(given | wc -l)" = 1 ] && ! leaks
}
without_consents() { mv "$store" "$store.old" && XDG_STATE_HOME=$home as $me "$tool" consent take "$work/actor.consent" >/dev/null; }
by_other_consents() { meanwhile 26 without_consents && [ -z "$(given)" ] && [ ! -e "$store/export.log" ]; }
redacted_clip() { find "$store/stage/done" -name '*.mp4' | grep .; }
with_other_pictures() { "$1" "$home/closed.mp4" "$(redacted_clip)"; }
by_other_pictures() {
	local how

	for how in swap write_over; do
		meanwhile 1 with_other_pictures $how && says 'another file by now' && [ -z "$(bundles)" ] && give 0 "$home/open.mp4" && ! leaks && fresh || return
	done
}

attack "its user reaches into it" "no ptrace, memory, map, environment, descriptor or limit, of it and its workers, by who started it" by_reaching_in
attack "another user reaches into it" "nor by anybody else" by_reaching_in_as_another
attack "SIGQUIT, SIGABRT and SIGSEGV" "to it, its worker and age: no core, no bundle, nothing in TMPDIR; the next export gives it" by_cores
attack "SIGHUP, SIGINT and SIGTERM" "130, and nothing is left" by_ending_it
attack "SIGSTOP" "it and its worker stand still, go on, and give what was decided on" by_stopping_it
attack "open files" "nothing is written to any of 61 descriptors, nor elsewhere where 0 to 2 are closed" by_open_files
attack "open files in age" "it has none of them" by_open_files_in_age
attack "open clips, ledger and folders" "as standard input and 58 others: they stay as they were" by_open_clips
attack "six exports of a clip at once" "one bundle, counted once; the others wait for their turn" by_two_of_one_clip
attack "six clips at once for a quota of one" "one bundle, and then E_QUOTA" by_racing_for_the_quota
attack "another campaign meanwhile" "the key and the purpose are those that were decided on" by_another_campaign
attack "another clip meanwhile" "by renaming or writing: it is not looked at" by_another_clip
attack "other consents meanwhile" "E_NOCONSENT, as there is none among them" by_other_consents
attack "other pictures for the redacted ones" "by renaming or writing: they are not what was redacted" by_other_pictures
