#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# attacks.sh [WORD]: attacks on scrim export, or those with WORD in their names; a line each, "32
# pass|FAIL|skip ATTACK: WHAT SHOWS IT".  The owner of a clip that nobody agreed to, which is green,
# and somebody else try to have it in a bundle.  After each attack every bundle is opened and looked
# at.  Ways to the raw camera have a table of their own: tests/run/wrap.sh.
set -u
only=${1-}
cd "$(dirname "$0")/../.." || exit
. tests/consent/persons.sh
scrim=$(realpath "${SCRIM:-build/bin/scrim}") || exit

for tool in age age-keygen ffmpeg gcc jq setpriv unshare; do
	[ -n "$(command -v $tool)" ] || { echo "32 skip there is no $tool"; exit; }
done
[ "$(id -u)" = 0 ] || { echo "32 skip it needs root to be two users"; exit; }
[ -e build/share/scrim/face.onnx ] || { echo "32 skip there is no face model"; exit; }
if [ -z "${ATTACKS_MOUNTS-}" ]; then
	unshare -m true 2>/dev/null || { echo "32 skip there are no mount namespaces here, as in a chroot"; exit; }
	ATTACKS_MOUNTS=1 exec unshare -m "$0" "$@"
fi
work=$(TMPDIR=/tmp mktemp -d) || exit
trap 'umount /etc "$work/etc"; rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir -p "$work/bin" "$work/share/scrim" "$work/out"
own_etc || exit
printf '[export]\nallow = yes\n' >/etc/scrim/export.conf
cp "$scrim" "$work/bin/" && cp build/share/scrim/face.onnx "$work/share/scrim/" || exit
tool=$work/bin/scrim
me=60011 other=60012

as() { setpriv --reuid "$1" --regid "$1" --clear-groups timeout -k 5 100 env HOME="$work/$1" XDG_STATE_HOME="$work/$1" TMPDIR="$work/$1/tmp" "${@:2}"; }
home=$work/$me
store=$home/scrim/consent
offer=$home/offer.json
age-keygen -o "$work/key" 2>/dev/null
age-keygen -o "$work/foe" 2>/dev/null

# clip NAME SOURCE SECONDS PERSON
clip() {
	ffmpeg -v error -y -f lavfi -i "$2size=96x64:rate=10:duration=$3" -pix_fmt yuv420p "$work/clips/$1.mp4" </dev/null || exit
	item "$work/clips/$1.mp4" "$4"
}
# item CLIP PERSON: it is of now.
item() {
	jq --arg now "$(date -u +%Y-%m-%dT%H:%M:%SZ)" --arg sha "$(sha256sum "$1" | cut -d' ' -f1)" --arg who "$2" \
		'.captured = {from: $now, until: $now} | .sha256 = $sha | .people[0].id = $who' tests/consent/item.json >"$1.json"
}
# The actor agrees with a key of his own, once.
campaign() { jq --arg key "$(age-keygen -y "$work/key")" '.recipients[0].pubkey = $key' tests/consent/campaign.json >"$offer"; }
offer=$work/offer.json
campaign && XDG_STATE_HOME=$work/state apart actor --role participant || exit
chmod 644 "$work/actor.consent"
offer=$home/offer.json

mkdir "$work/clips"
clip open testsrc= 1 owner
clip slow testsrc= 2 owner
clip closed color=green: 1 stranger

status() {
	local wanted=$1 got; shift

	"$@" >"$work/said" 2>&1 </dev/null
	got=$?
	[ $got -eq "$wanted" ] || { echo "status $got, not $wanted: $*" >&2; cat "$work/said" >&2; return 1; }
}
says() { grep -q -e "$1" "$work/said" || { cat "$work/said" >&2; return 1; }; }
# give STATUS CLIP...: as the owner of the clips.
give() { status "$1" as $me "$tool" export --campaign "$offer" --to example-vision "${@:2}"; }
grant() { as $me "$tool" consent grant "$offer" --age adult --notice-sha256 "$(jq -r .notice.sha256 "$offer")" "$@" >/dev/null 2>&1; }
# A home for each, the owner's with two consents and the clips.
fresh() {
	rm -rf "${work:?}/$me" "${work:?}/$other" "$work/out"
	install -d -m 700 -o $me -g $me "$home" "$home/tmp" && install -d -m 700 -o $other -g $other "$work/$other" "$work/$other/tmp" || return
	install -d -m 1777 "$work/out"
	campaign
	cp "$work"/clips/* "$home/" && chown -R $me:$me "$home" && grant --subject owner && as $me "$tool" consent take "$work/actor.consent" >/dev/null || return
	item "$home/open.mp4" owner && item "$home/slow.mp4" owner && item "$home/closed.mp4" stranger
}
green() {
	local rgb

	read -ra rgb < <(ffmpeg -v error -i "$1" -frames:v 1 -vf scale=1:1 -f rawvideo -pix_fmt rgb24 - </dev/null | od -An -tu1)
	[ "${#rgb[@]}" != 3 ] || [ $((rgb[1] - rgb[0])) -gt 60 ]
}
bundles() { find "$work" -name '*.age' -type f -o -name '*.age.part' -type f; }
# Whether anything got out: a bundle with the green clip, or one that is not encrypted.
leaks() {
	local bundle clip

	for bundle in $(bundles); do
		rm -rf "$work/opened" && mkdir "$work/opened" || return 0
		age -d -i "$work/key" "$bundle" 2>/dev/null | tar -C "$work/opened" -xf - 2>/dev/null || { echo "$bundle is not for the recipient" >&2; return 0; }
		for clip in "$work"/opened/items/*.mp4; do
			! green "$clip" || { echo "green: $clip of $bundle" >&2; return 0; }
		done
	done
	return 1
}
# attack NAME "WHAT SHOWS IT" FUNCTION
attack() {
	[[ $1 = *$only* ]] || return
	fresh || { echo "32 FAIL $1: nothing to attack"; return; }
	if "$3" && ! leaks; then echo "32 pass $1: $2"; else echo "32 FAIL $1: $2"; fi
}

# What would be seen: somebody agrees for the stranger, and the green clip goes.
control() { fresh && grant --subject stranger && item "$home/closed.mp4" stranger && give 0 "$home/closed.mp4" && leaks 2>"$work/said" && says '^green'; }

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
attack "the ledger rolled back" "nothing is added to it" by_rolling_back_the_ledger
attack "LD_PRELOAD" "age gets none of it; in scrim, code of the clip's owner, and the answer stays" by_preload
attack "another age in PATH" "is not run" by_path
attack "HOME, XDG_STATE_HOME, TMPDIR and more" "another's store is none, no store is E_NOCONSENT, nothing is in TMPDIR" by_environment
attack "a clock set back, and forward" "nothing is given after what was given or withdrawn later" by_clock
attack "control characters in a name" "are not printed" by_control_characters
attack "an outbox without rights, none, or through a link" "an error and nothing left; encrypted, for its owner alone" by_outbox
