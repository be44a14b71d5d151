#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Shows what can be shown of the facts in tests/consent/rows: a line each, "N pass|FAIL|skip WHAT",
# those of the decision by build/tests/facts, those of the command here, those of the exporter by
# facts_export.sh.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/consent/persons.sh
scrim=$(realpath "${SCRIM:-build/bin/scrim}") || exit
here=$PWD/tests/consent
work=$(TMPDIR=/tmp mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
export XDG_STATE_HOME=$work/state HOME=$work
offer=$here/campaign.json
hash=$(jq -r .notice.sha256 "$offer")
log=$work/state/scrim/consent/consent.log
printf '[export]\nallow = yes\n' >"$work/on"

# fact N WHAT FUNCTION
fact() {
	rm -rf "$work/state"
	if "$3"; then echo "$1 pass $2"; else echo "$1 FAIL $2"; fi
}
# status N COMMAND...
status() {
	local wanted=$1 got; shift

	"$@" >"$work/out" 2>"$work/err" </dev/null
	got=$?
	[ $got -eq "$wanted" ] || { echo "status $got, not $wanted: $*" >&2; cat "$work/out" "$work/err" >&2; return 1; }
}
consent() { status "$1" "$scrim" consent "${@:2}"; }
grant() { consent 0 grant "$offer" --age adult --notice-sha256 "$hash" "$@"; }
both() { grant --subject owner "$@" && apart actor --role participant "$@"; }
# An item of now, with a change in jq's words.
item() {
	jq --arg now "$(date -u +%Y-%m-%dT%H:%M:%SZ)" ".captured = {from: \$now, until: \$now} | ${1:-.}" \
		"$here/item.json" >"$work/item.json"
}
explain() {
	status "$1" "$scrim" explain "$work/item.json" --campaign "${campaign:-$offer}" --to example-vision \
		--settings "$work/on" "${@:2}"
}

fact_24() {
	jq '.offer.source_class += ["baby"]' "$offer" >"$work/baby.json"
	printf '[export]\nallow = yes\nsource_class = baby\n' >"$work/baby.conf"
	consent 2 grant "$work/baby.json" --age adult --notice-sha256 "$hash" && [ ! -e "$log" ] && both &&
		item '.source_class = "baby"' && explain 23 && explain 2 --settings "$work/baby.conf"
}

# As two users who are not root: each has a store of his own.
as() { setpriv --reuid "$1" --regid "$1" --clear-groups env HOME="$work/$1" XDG_STATE_HOME="$work/$1" "${@:2}"; }
fact_28() {
	local id never=6ba7b810-9dad-41d1-80b4-00c04fd430c8 tool=$work/scrim

	cp "$scrim" "$tool" && cp "$offer" "$work/offer.json" && chmod 755 "$tool" && chmod 644 "$work/offer.json" &&
		install -d -o 60001 -g 60001 "$work/60001" && install -d -o 60002 -g 60002 "$work/60002" &&
		as 60001 "$tool" consent grant "$work/offer.json" --age adult --notice-sha256 "$hash" --json \
			>"$work/record" 2>/dev/null && id=$(jq -r .record_id "$work/record") &&
		as 60001 "$tool" consent show "$id" >/dev/null || return
	# The same words and status, whether it is there or not, among his own and where hers are.
	for store in "$work/60002/scrim/consent" "$work/60001/scrim/consent"; do
		for verb in show receipt withdraw; do
			as 60002 "$tool" consent $verb "$id" --store "$store" >"$work/a" 2>&1; echo $? >>"$work/a"
			as 60002 "$tool" consent $verb $never --store "$store" >"$work/b" 2>&1; echo $? >>"$work/b"
			sed "s/$id/ID/g" "$work/a" >"$work/c"
			sed "s/$never/ID/g" "$work/b" | diff "$work/c" - >&2 && grep -q -x 2 "$work/a" || return
		done
	done
	! as 60002 ls "$work/60001/scrim/consent" 2>/dev/null &&
		! as 60002 cat "$work/60001/scrim/consent/consent.log" 2>"$work/there" &&
		! as 60002 cat "$work/60001/scrim/consent/nothing.log" 2>"$work/none" &&
		grep -q 'Permission denied' "$work/there" && grep -q 'Permission denied' "$work/none" &&
		[ -z "$(as 60002 "$tool" consent list)" ]
}

fact_31() {
	both && item '.description = "I do not consent to this"' && explain 0 &&
		grep -q 'decides nothing.*scrim consent withdraw doorstep-2026' "$work/err" &&
		consent 0 withdraw doorstep-2026 && explain 26
}

fact_34() {
	both --applies-before 2007-01-01T00:00:00Z && consent 0 list --json &&
		consent 0 receipt "$(jq -r '.[0].record_id' "$work/out")" &&
		[ "$(jq -r .applies_before "$work/out")" = 2007-01-01T00:00:00Z ]
}

# Fifteen rules, each with a sentence, and for the one that refuses its id; the status is its number.
fact_37() {
	item && explain 26 && [ "$(grep -c '^ *[0-9]* E_' "$work/out")" = 15 ] &&
		grep -q '^E_NOCONSENT: .*owner' "$work/out" && grep -q '^ 6 E_NOCONSENT .*(noconsent.none)' "$work/out" &&
		explain 26 --json && jq -e '.allowed == false and .status == 26 and .verdict.code == "E_NOCONSENT" and
			.verdict.rule == "noconsent.none" and (.chain | length) == 15 and
			all(.chain[]; (.sentence | length) > 5 and (.rule | length) > 0)' "$work/out" >/dev/null
}

fact_39() {
	both && item && explain 0 && explain 22 --settings "$work/not-there" || return
	: >"$work/empty"
	printf '[export]\n' >"$work/missing"
	printf '[export]\nalow = yes\n' >"$work/misspelt"
	printf '[export]\nallow =\n' >"$work/no-value"
	for wrong in empty missing misspelt no-value; do
		explain 2 --settings "$work/$wrong" && grep -q "$work/$wrong" "$work/err" || return
	done
}

# The same words; taking back asks nothing; the next clip is refused.
fact_40() {
	local grant=("$scrim" consent grant "$offer") withdraw=("$scrim" consent withdraw "$offer")

	[ ${#grant[@]} = ${#withdraw[@]} ] && printf 'yes\n%s\n' "${hash:0:8}" | "${grant[@]}" --subject owner >/dev/null 2>&1 &&
		item '.people = [.people[0] | .visible = true]' && explain 0 &&
		status 0 "${withdraw[@]}" && ! grep -q '?' "$work/err" && explain 26 && grep -q withdrawn "$work/out"
}

fact_41() {
	grant --subject owner && grant --subject actor --role guardian && item && explain 24 &&
		consent 0 withdraw doorstep-2026 && grant --subject owner &&
		consent 0 grant "$offer" --subject actor --age minor --notice-sha256 "$hash" &&
		grep -q 'nothing that shows you will be exported' "$work/out" && explain 24
}

fact_47() {
	consent 2 grant "$offer" --age adult && consent 2 grant "$offer" --age adult --notice-sha256 "${hash/?/0}" &&
		! printf 'yes\n00000000\n' | "$scrim" consent grant "$offer" >/dev/null 2>&1 && [ ! -e "$log" ] &&
		grant && grep -q 'thefts from your doorstep' "$work/err" && consent 0 list --json &&
		consent 0 show "$(jq -r '.[0].record_id' "$work/out")" --json &&
		[ "$(jq -r '.notice | .language + .sha256' "$work/out")" = "en$hash" ]
}

fact_48() {
	jq '.terms.text |= sub("year"; "yeaR")' "$offer" >"$work/edited.json"
	jq --arg sha "$(jq -j .terms.text "$work/edited.json" | sha256sum | cut -d' ' -f1)" '.terms.sha256 = $sha' \
		"$work/edited.json" >"$work/other.json"
	both && item && explain 0 && campaign=$work/edited.json explain 2 && campaign=$work/other.json explain 27 &&
		consent 0 list --campaign "$work/other.json" && [ "$(grep -c pending-reconsent "$work/out")" = 2 ] || return
	for change in '.title = "Thefts"' '.issuer.name = "Another"' '.offer.purpose_text = "to find more"' \
		'.offer.reward.unit_cents = 100' '.offer.reward.cap_count = 5' '.rights = ["access"]' '.jurisdiction = ["US"]' \
		'.recipients[0].name = "Another"' '.recipients[0].receipts = .issuer.pubkey'; do
		jq "$change" "$offer" >"$work/other.json" && campaign=$work/other.json explain 27 &&
			consent 0 list --campaign "$work/other.json" && [ "$(grep -c pending-reconsent "$work/out")" = 2 ] || return
	done
	jq '.quota |= map_values(. + 1)' "$offer" >"$work/other.json" && campaign=$work/other.json explain 0 || return
	cp "$log" "$work/log"
	sed -i '2s/actor/acTor/' "$log" && consent 4 verify && grep -q 'consent.log:2: ' "$work/err" && explain 21 &&
		sed 1d "$work/log" >"$log" && consent 4 verify && explain 21 &&
		sed '$d' "$work/log" >"$log" && consent 4 verify && grep -q 'ends with entry 1, and its head says 2' "$work/err"
}

build/tests/facts "$here"
fact 24 "no offer and no setting lists it, and an item is E_CLASS" fact_24
if [ "$(id -u)" = 0 ]; then
	fact 28 "another user: Permission denied, and one answer for what is there and what is not" fact_28
else
	echo "28 skip it needs root to be two users"
fi
fact 31 "'I do not consent' in the item: a warning that names withdraw, which works" fact_31
fact 34 "a receipt shows how far back it reaches" fact_34
fact 37 "15 rules with a sentence, the one that refuses with its id; status 26" fact_37
fact 39 "no file: E_OFF; an empty one, a missing, misspelt or empty key: an error that names it" fact_39
fact 40 "4 words each, no question for withdraw, and E_NOCONSENT for the next clip" fact_40
fact 41 "what a guardian granted, or a minor: E_MINOR" fact_41
fact 47 "no hash, another hash, a wrong answer: nothing is stored; the language is" fact_47
fact 48 "a byte of the terms, the reward, a name, 7 more: both pending; of the log: entry 2; a line gone: told" fact_48
SCRIM=$scrim tests/consent/facts_books.sh
SCRIM=$scrim tests/consent/facts_persons.sh
SCRIM=$scrim tests/consent/facts_export.sh
SCRIM=$scrim tests/consent/facts_claims.sh
SCRIM=$scrim tests/consent/facts_notice.sh
SCRIM=$scrim tests/consent/attacks.sh
SCRIM=$scrim tests/consent/attacks_running.sh
