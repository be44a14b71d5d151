#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# attacks.sh [WORD]: attacks on scrim export, or those with WORD in their names; a line each, "32
# pass|FAIL|skip ATTACK: WHAT SHOWS IT".  The owner of a clip that nobody agreed to, which is green,
# and somebody else try to have it in a bundle.  After each attack every bundle is opened and looked
# at.  Attacks while it redacts are in attacks_running.sh; ways to the raw camera have a table of
# their own: tests/run/wrap.sh.
set -u
only=${1-}
tools=gcc
cd "$(dirname "$0")/../.." || exit
. tests/consent/attack.sh

by_another() {
	status 1 as $other "$tool" export --campaign tests/consent/campaign.json --to example-vision "$home/open.mp4" && says 'Permission denied' &&
		install -o $other "$work"/clips/* "$work/$other/" && give_as_other 26 && says E_NOCONSENT
}
give_as_other() { status "$1" as $other "$tool" export --campaign "$work/campaign.json" --to example-vision "${@:2}" "$work/$other/open.mp4"; }
with_my_store() {
	install -o $other "$work"/clips/* "$work/$other/" && give_as_other 1 --store "$store" && says 'Permission denied' || return
	cp -a "$home/scrim" "$work/$other/" && give_as_other 1 && says 'Permission denied' && chown -R $other:$other "$work/$other/scrim" &&
		give_as_other 21 && says E_LEDGER
}
by_settings() {
	cp /etc/scrim/export.conf "$home/on" && give 1 --settings "$home/on" "$home/open.mp4" && says 'only root' && printf '[export]\nallow = no\n' >/etc/scrim/export.conf &&
		give 22 "$home/open.mp4" && printf '[export]\nallow = yes\n' >/etc/scrim/export.conf && chown $me /etc/scrim/export.conf && give 1 "$home/open.mp4" && says "not root's alone"
	set -- $?
	printf '[export]\nallow = yes\n' >/etc/scrim/export.conf; chown 0 /etc/scrim/export.conf
	return "$1"
}
as_root_of_a_namespace() {
	printf '[export]\nallow = no\n' >/etc/scrim/export.conf
	printf '[export]\nallow = yes\n' >"$home/on" && chown $me "$home/on"
	if as $me unshare -Ur true 2>/dev/null; then
		status 1 as $me unshare -Ur "$tool" export --campaign "$offer" --to example-vision --settings "$home/on" "$home/open.mp4" && says 'user namespace' &&
			status 1 as $me unshare -Urm sh -c 'mount --bind "$0" /etc/scrim/export.conf && exec "$@"' "$home/on" "$tool" export --campaign "$offer" --to example-vision "$home/open.mp4" && says 'user namespace' &&
			echo '         0          0 4294967295' >"$home/map" &&
			status 1 as $me unshare -Urm sh -c 'mount --bind "$0" /proc/$$/uid_map && exec "$@"' "$home/map" "$tool" export --campaign "$offer" --to example-vision --settings "$home/on" "$home/open.mp4" && says 'user namespace' &&
			[ -z "$(bundles)" ]
	fi
	set -- $?
	printf '[export]\nallow = yes\n' >/etc/scrim/export.conf
	return "$1"
}

# Under the name of one that may go.
by_name() {
	local link

	for link in 'ln -s' ln 'cp'; do
		rm -f "$home/link.mp4"
		as $me $link "$home/closed.mp4" "$home/link.mp4" && cp "$home/open.mp4.json" "$home/link.mp4.json" && give 1 "$home/link.mp4" && says 'about another clip' || return
	done
	[ -z "$(bundles)" ]
}
by_descriptor() {
	give 1 /proc/self/fd/7 7<"$home/closed.mp4" && ln -s /proc/self/fd/7 "$home/fd.mp4" && cp "$home/open.mp4.json" "$home/fd.mp4.json" &&
		give 1 "$home/fd.mp4" 7<"$home/closed.mp4" && says 'about another clip' && [ -z "$(bundles)" ]
}
by_kind() {
	as $me mkfifo "$home/fifo.mp4" && cp "$home/open.mp4.json" "$home/fifo.mp4.json" && give 1 "$home/fifo.mp4" && says 'not a regular file' &&
		as $me mkdir "$home/dir.mp4" && cp "$home/open.mp4.json" "$home/dir.mp4.json" && give 1 "$home/dir.mp4" && says 'not a regular file' &&
		ln -s /dev/zero "$home/zero.mp4" && cp "$home/open.mp4.json" "$home/zero.mp4.json" && give 1 "$home/zero.mp4" && says 'not a regular file' &&
		cp "$home/open.mp4" "$home/item.mp4" && as $me mkfifo "$home/item.mp4.json" && give 1 "$home/item.mp4" && [ -z "$(bundles)" ]
}
# While something changes behind its back: as many exports as there is time for; how each ended is
# in $work/ends, and whatever it gave is looked at.
racing() {
	local until=$((SECONDS + 4)) i=0

	"$@" &
	set -- $!
	while [ $SECONDS -lt $until ]; do
		i=$((i + 1))
		rm -rf "$home/scrim"; cp -a "$work/state" "$home/scrim"
		as $me "$tool" export --campaign "$offer" --to example-vision --outbox "$work/out/$i" "$home/race.mp4" >/dev/null 2>&1 </dev/null
		echo $? >>"$work/ends"
	done
	kill "$1"; wait "$1" 2>/dev/null
	echo "$i exports in a race, that ended with: $(sort "$work/ends" | uniq -c | paste -sd ' ' | tr -s ' ')" >&2
	! grep -q -v -x -e 0 -e 1 "$work/ends"
}
before_a_race() { rm -rf "$work/state" "$work/ends"; cp -a "$home/scrim" "$work/state"; cp -p "$home/open.mp4" "$home/race.mp4"; cp -p "$home/open.mp4.json" "$home/race.mp4.json"; }
rename_all_the_time() {
	while :; do
		ln "$home/closed.mp4" "$home/r1" && mv -f "$home/r1" "$home/race.mp4"
		ln "$home/open.mp4" "$home/r1" && mv -f "$home/r1" "$home/race.mp4"
		sleep 0.$((RANDOM % 3))
	done
}
by_renaming() { before_a_race && racing rename_all_the_time; }
write_all_the_time() {
	while :; do
		cat "$home/closed.mp4" >"$home/race.mp4"
		cat "$home/open.mp4" >"$home/race.mp4"
		sleep 0.$((RANDOM % 3))
	done
}
by_writing() { before_a_race && racing write_all_the_time; }

by_editing() {
	cp -a "$store" "$work/store-$$" && sed -i 's/"id":"owner"/"id":"stranger"/' "$store/consent.log" && ! cmp -s "$store/consent.log" "$work/store-$$/consent.log" &&
		give 21 "$home/closed.mp4" && says E_LEDGER && rm -rf "$store" && cp -a "$work/store-$$" "$store" && rm "$store/consent.head" && give 21 "$home/closed.mp4" &&
		rm -rf "$store" && cp -a "$work/store-$$" "$store" && : >"$store/consent.pub" && give 1 "$home/open.mp4"
	set -- $?
	rm -rf "$work/store-$$"
	return "$1"
}
# Withdrawn, and then the log of before; the ledger of exports as it was before the first bundle.
by_rolling_back() {
	cp "$store/consent.log" "$work/before" && as $me "$tool" consent withdraw doorstep-2026 >/dev/null && give 26 "$home/open.mp4" &&
		cat "$work/before" >"$store/consent.log" && give 21 "$home/open.mp4" && says E_LEDGER && [ -z "$(bundles)" ]
}
# With its head, after somebody was asked to delete what rests on it.
by_rolling_back_with_the_head() {
	local id

	give 0 "$home/open.mp4" && jq -es 'map(select(.kind == "bundle")) | .[0].fields.consent_log.entries == 2' "$store/export.log" >/dev/null && id=$(as $me "$tool" consent list --json | jq -r '.[] | select(.subject == "owner") | .record_id') &&
		mkdir "$work/old" && cp "$store"/consent.log "$store"/consent.head* "$work/old/" && as $me "$tool" consent withdraw "$id" >/dev/null &&
		as $me "$tool" erase "$id" --output "$home" >/dev/null && give 26 "$home/slow.mp4" || return
	for file in "$work"/old/*; do cat "$file" >"$store/${file##*/}"; done
	rm -r "$work/old"
	give 21 "$home/slow.mp4" && says E_LEDGER && status 4 as $me "$tool" consent verify && says 'consent.log: .*knows entry 3: an older copy was put back' &&
		[ "$(bundles | wc -l)" = 1 ]
}
by_rolling_back_the_ledger() {
	give 0 "$home/open.mp4" && cp "$store/export.log" "$work/before" && cp "$home/open.mp4" "$home/two.mp4" && printf x >>"$home/two.mp4" &&
		jq --arg sha "$(sha256sum "$home/two.mp4" | cut -d' ' -f1)" '.sha256 = $sha' "$home/open.mp4.json" >"$home/two.mp4.json" && give 0 "$home/two.mp4" &&
		cat "$work/before" >"$store/export.log" && give 1 "$home/slow.mp4" && [ "$(bundles | wc -l)" = 2 ]
}

# A library that tells where it was loaded, and sets the clock of who asks for it.
cat >"$work/evil.c" <<'END'
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
static void __attribute__((constructor)) loaded(void)
{
	FILE *file = fopen(getenv("EVIL_FILE") ? getenv("EVIL_FILE") : EVIL_FILE, "a");

	if (file) {
		fprintf(file, "%s\n", program_invocation_short_name);
		fclose(file);
	}
}
time_t time(time_t *at)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);	/* no system call, which a cage would refuse */
	now.tv_sec -= getenv("EVIL_BACK") ? atol(getenv("EVIL_BACK")) : 0;
	if (at)
		*at = now.tv_sec;
	return now.tv_sec;
}
END
gcc -D_GNU_SOURCE -DEVIL_FILE="\"$work/loaded\"" -shared -fPIC -o "$work/evil.so" "$work/evil.c" || exit
: >"$work/loaded"; chmod 666 "$work/loaded"; chmod 755 "$work/evil.so"
by_preload() {
	: >"$work/loaded"
	give_with 0 LD_PRELOAD="$work/evil.so" LD_AUDIT="$work/none.so" -- "$home/open.mp4" && grep -q -x scrim "$work/loaded" && ! grep -q age "$work/loaded" &&
		give_with 26 LD_PRELOAD="$work/evil.so" -- "$home/closed.mp4" && [ "$(bundles | wc -l)" = 1 ]
}
# give_with STATUS VARIABLE=VALUE... -- CLIP...
give_with() {
	local wanted=$1 variables=(); shift

	while [ "$1" != -- ]; do variables+=("$1"); shift; done
	status "$wanted" as $me env "${variables[@]}" "$tool" export --campaign "$offer" --to example-vision "${@:2}"
}
by_path() {
	mkdir -p "$work/evil" && printf '#!/bin/sh\necho ran >>%s\nexec cat\n' "$work/loaded" >"$work/evil/age" && chmod 755 "$work/evil/age" && : >"$work/loaded" &&
		give_with 0 PATH="$work/evil:$PATH" -- "$home/open.mp4" && ! grep -q ran "$work/loaded" && [ "$(bundles | wc -l)" = 1 ]
}
by_environment() {
	install -d -m 1777 "$work/out/tmp" &&
		give_with 1 XDG_STATE_HOME="$work/$other" -- "$home/open.mp4" && give_with 26 XDG_STATE_HOME="$home/nowhere" -- "$home/open.mp4" &&
		give_with 26 XDG_STATE_HOME= HOME=/nowhere -- "$home/open.mp4" && [ -z "$(bundles)" ] &&
		give_with 0 TMPDIR="$work/out/tmp" LD_LIBRARY_PATH="$work/evil" GCONV_PATH="$work/evil" LC_ALL=../../evil MALLOC_PERTURB_=165 AGEDEBUG=plugin -- "$home/open.mp4" &&
		[ -z "$(find "$work/out/tmp" -type f)" ]
}
# The clock goes back to before the withdrawal, and to before the last export.
by_clock() {
	give 0 "$home/open.mp4" && cp "$home/open.mp4" "$home/two.mp4" && printf x >>"$home/two.mp4" && jq --arg sha "$(sha256sum "$home/two.mp4" | cut -d' ' -f1)" '.sha256 = $sha' \
		"$home/open.mp4.json" >"$home/two.mp4.json" && ! status 0 as $me env LD_PRELOAD="$work/evil.so" EVIL_BACK=3600 "$tool" export --campaign "$offer" --to example-vision "$home/two.mp4" 2>/dev/null &&
		as $me "$tool" consent withdraw doorstep-2026 >/dev/null && ! status 0 as $me env LD_PRELOAD="$work/evil.so" EVIL_BACK=3600 "$tool" export --campaign "$offer" --to example-vision "$home/two.mp4" 2>/dev/null &&
		! status 0 as $me env LD_PRELOAD="$work/evil.so" EVIL_BACK=-99999999 "$tool" export --campaign "$offer" --to example-vision "$home/two.mp4" 2>/dev/null && [ "$(bundles | wc -l)" = 1 ]
}

by_control_characters() {
	local name

	name=$home/$'evil\e]0;x\a\n\e[2Jopen.mp4'
	cp "$home/closed.mp4" "$name" && cp "$home/closed.mp4.json" "$name.json" && give 26 "$name" && ! grep -q -P '[\x00-\x08\x0b-\x1f]' "$work/said"
}
by_outbox() {
	install -d -o $other -m 755 "$work/out/no" && give 1 --outbox "$work/out/no" "$home/open.mp4" && give 1 --outbox /proc/self "$home/open.mp4" &&
		: >"$work/out/file" && give 1 --outbox "$work/out/file/x" "$home/open.mp4" && [ -z "$(bundles)" ] && [ -z "$(find "$store/stage" -name '*.place')" ] || return
	ln -s "$work/out" "$home/link" && give 0 --outbox "$home/link" "$home/open.mp4" && [ "$(stat -c %a "$(bundles)")" = 600 ]
}

if control; then echo "32 pass the green clip is seen where it is"; else echo "32 FAIL the green clip is not seen where it is"; fi
jq . tests/consent/campaign.json >"$work/campaign.json"
attack "another user" "cannot read the clip, and has no consents" by_another
attack "another user with the owner's consents" "may not enter; of a copy E_LEDGER, as they are not his" with_my_store
attack "settings of one's own" "only root names others, and the file is root's alone" by_settings
attack "root in a user namespace" "no settings, nor ones mounted at their place, nor a map mounted over the kernel's" as_root_of_a_namespace
attack "a clip by link, hard link or copy" "the item is about another clip" by_name
attack "a clip by /proc/self/fd" "the item is about another clip" by_descriptor
attack "a FIFO, a folder, a device" "not a regular file, and nothing waits" by_kind
attack "clips swapped by renaming" "for 4 s, and never the green one" by_renaming
attack "clips swapped by writing" "for 4 s, and never the green one" by_writing
attack "consents edited, their head or key removed" "E_LEDGER" by_editing
attack "consents rolled back to before a withdrawal" "E_LEDGER" by_rolling_back
attack "consents rolled back with their head" "E_LEDGER, as the ledger of exports knows more" by_rolling_back_with_the_head
attack "the ledger rolled back" "nothing is added to it" by_rolling_back_the_ledger
attack "LD_PRELOAD" "age gets none of it; in scrim, code of the clip's owner, and the answer stays" by_preload
attack "another age in PATH" "is not run" by_path
attack "HOME, XDG_STATE_HOME, TMPDIR and more" "another's store is none, no store is E_NOCONSENT, nothing is in TMPDIR" by_environment
attack "a clock set back, and forward" "nothing is given after what was given or withdrawn later" by_clock
attack "control characters in a name" "are not printed" by_control_characters
attack "an outbox without rights, none, or through a link" "an error and nothing left; encrypted, for its owner alone" by_outbox
