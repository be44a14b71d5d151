#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What two users of one machine show of the facts in tests/consent/rows, for facts.sh: a line each,
# "N pass|FAIL|skip WHAT".  Each has a store and a key of his own; neither is root, who has the switch.
# In a mount namespace, as what one takes back is told in a folder of the system.
set -u
cd "$(dirname "$0")/../.." || exit
owner=60001 actor=60002 other=60003
shows_8="the owner agrees for who acts: E_NOCONSENT, one-key; two act and one agrees: E_NOCONSENT; each does: it goes"
shows_54="switch or consent alone: refused; another's letter, a changed one, the owner's: not taken; the subject alone takes it back"
if [ -z "${PERSONS:-}" ]; then
	why=
	[ "$(id -u)" = 0 ] || why="it needs root to be three users"
	[ -n "$why" ] || unshare -m true 2>/dev/null || why="there are no mount namespaces here, as in a chroot"
	[ -z "$why" ] || { printf '8 skip %s\n54 skip %s\n' "$why" "$why"; exit 0; }
	PERSONS=1 exec unshare -m "$0"
fi

. tests/consent/persons.sh
scrim=$(realpath "${SCRIM:-build/bin/scrim}") || exit
here=$PWD/tests/consent
work=$(TMPDIR=/tmp mktemp -d) || exit
trap 'umount /etc "$work/etc"; rm -rf "$work"' EXIT
own_etc || exit
settings=/etc/scrim/export.conf
chmod 755 "$work"
hash=$(jq -r .notice.sha256 "$here/campaign.json")
cp "$scrim" "$work/scrim"
cp "$here/campaign.json" "$work/offer.json"
chmod 755 "$work/scrim"
chmod 644 "$work/offer.json"
mount -t tmpfs none /var/lib || exit
umask 022

# The folder, as it is on a machine where scrim is installed.
installed() {
	local mode; mode=$(awk '$2 == "/var/lib/scrim/withdrawn" { print $3 }' tools/system/scrim.tmpfiles)

	rm -rf /var/lib/scrim && mkdir /var/lib/scrim && install -d -m "$mode" /var/lib/scrim/withdrawn
}
fact() {
	for user in $owner $actor $other; do
		rm -rf "${work:?}/$user"
		install -d -o $user -g $user "$work/$user"
	done
	printf '[export]\nallow = yes\n' >$settings
	if installed && "$3"; then echo "$1 pass $2"; else echo "$1 FAIL $2"; fi
}
# as USER STATUS COMMAND...
as() {
	local got

	setpriv --reuid "$1" --regid "$1" --clear-groups env HOME="$work/$1" XDG_STATE_HOME="$work/$1" "${@:3}" \
		>"$work/out" 2>"$work/err" </dev/null
	got=$?
	[ $got -eq "$2" ] || { echo "status $got, not $2: ${*:3}" >&2; cat "$work/out" "$work/err" >&2; return 1; }
}
scrim() { as "$1" "$2" "$work/scrim" "${@:3}"; }
says() { grep -q -e "$1" "$work/out" "$work/err" || { cat "$work/out" "$work/err" >&2; return 1; }; }
grant() { scrim "$1" 0 consent grant "$work/offer.json" --age adult --notice-sha256 "$hash" --json "${@:2}" && cp "$work/out" "$work/record"; }
# agrees USER NAME: and hands over $work/NAME.consent.
agrees() { grant "$1" --subject "$2" --role participant && scrim "$1" 0 consent hand "$(jq -r .record_id "$work/record")" && cp "$work/out" "$work/$2.consent"; }
# What is known of the clip, and whether it may go.
item() {
	jq --arg now "$(date -u +%FT%TZ)" --arg sha "$(sha256sum "$work/clip.mp4" | cut -d' ' -f1)" \
		".captured = {from: \$now, until: \$now} | .sha256 = \$sha | ${1:-.}" "$here/item.json" >"$work/clip.mp4.json"
}
# may STATUS: explain and the exporter say the same.
may() {
	item "${act:-.}" && scrim $owner "$1" explain "$work/clip.mp4.json" --campaign "$work/offer.json" --to example-vision &&
		exports "$1"
}
exports() {
	scrim $owner "$1" export --dry-run --campaign "$work/offer.json" --to example-vision "$work/clip.mp4"
}
: >"$work/clip.mp4"

fact_8() {
	local act='.people += [.people[1] | .id = "second"] | .persons = 2'

	grant $owner --subject owner && grant $owner --subject actor --role participant && act=. may 26 && says one-key || return
	rm -rf "${work:?}/$owner/scrim"
	grant $owner --subject owner && agrees $actor actor && scrim $owner 0 consent take "$work/actor.consent" && act=. may 0 && may 26 &&
		says 'no consent of second' && agrees $other second && scrim $owner 0 consent take "$work/second.consent" && may 0 || return
	# Nor does one of the two who act agree for both.
	rm -rf "${work:?}/$owner/scrim"
	grant $owner --subject owner && scrim $owner 0 consent take "$work/actor.consent" && agrees $actor second &&
		scrim $owner 0 consent take "$work/second.consent" && may 26 && says one-key
}

fact_54() {
	local id own

	grant $owner --subject owner && may 26 && says 'no consent of actor' && agrees $actor actor && id=$(jq -r .record_id "$work/record") || return
	sed 's/"participant"/"bystander"/' "$work/actor.consent" >"$work/changed.consent"
	scrim $owner 2 consent take "$work/changed.consent" && says 'not signed' && may 26 &&
		scrim $owner 0 consent take "$work/actor.consent" --json && jq -e '.first and .given' "$work/out" >/dev/null && may 0 || return
	printf '[export]\nallow = no\n' >$settings
	may 22 || return
	printf '[export]\nallow = yes\n' >$settings
	cp "$work/actor.consent" "$work/right.consent"
	agrees $other actor && scrim $owner 2 consent take "$work/actor.consent" && says 'another key' &&
		scrim $owner 2 consent grant "$work/offer.json" --age adult --notice-sha256 "$hash" --subject actor --role participant && says 'another key' &&
		may 0 || return
	# A key that the owner made for him, and one that an administrator knows.
	printf '[export]\nallow = yes\nperson = actor %s\n' "$(jq -r .key "$work/actor.consent")" >$settings
	may 26 && says noconsent.stranger || return
	printf '[export]\nallow = no\nperson = actor %s\n' "$(jq -r .key "$work/right.consent")" >$settings
	"$scrim" export on --accept --store "$work/root" >/dev/null && may 0 || return
	# An id alone is no word of the owner's own.
	own=$(scrim $owner 0 consent list --json && jq -r '.[] | select(.subject == "owner") | .record_id' "$work/out") &&
		as $other 0 touch "/var/lib/scrim/withdrawn/$own" && may 0 && cp -a "$work/$actor/scrim" "$work/older" || return
	# Told to nobody but the own store; who has the letter hears it at the next clip, and no older letter undoes it.
	as $other 2 ls /var/lib/scrim/withdrawn && scrim $actor 0 consent withdraw "$id" && item && exports 26 && says 'actor has withdrawn' && may 26 &&
		scrim $owner 0 consent take "$work/right.consent" && may 26 && scrim $owner 0 consent show "$id" --json &&
		[ "$(jq -r '.events[-1] | .state + .by' "$work/out")" = withdrawnsubject ] && scrim $owner 0 consent verify || return
	# Nor does an older copy of the own store.
	rm -r "${work:?}/$actor/scrim" && mv "$work/older" "$work/$actor/scrim" && scrim $actor 0 consent show "$id" --json &&
		[ "$(jq -r '.events[-1] | .state + .by' "$work/out")" = withdrawnsubject ] && scrim $actor 0 consent verify
}

fact 8 "$shows_8" fact_8
fact 54 "$shows_54" fact_54
