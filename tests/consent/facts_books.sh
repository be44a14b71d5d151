#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The facts that the ledger of exports shows, as tests/consent/facts.sh prints them.  build/tests/books
# writes it as an exporter does; awk adds it up.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/consent/persons.sh
scrim=$(realpath "${SCRIM:-build/bin/scrim}") || exit
here=$PWD/tests/consent
books=$PWD/build/tests/books
work=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo /tmp)") || exit
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
export XDG_STATE_HOME=$work/state HOME=$work
offer=$here/campaign.json
campaign=$(jq -r .id "$offer")
hash=$(jq -r .notice.sha256 "$offer")
store=$work/state/scrim/consent
printf '[export]\nallow = yes\n' >"$work/on"
minisign -G -W -f -p "$work/r.pub" -s "$work/r.key" >/dev/null
minisign -G -W -f -p "$work/x.pub" -s "$work/x.key" >/dev/null
key=$(tail -n 1 "$work/r.pub")
past=2024-01-01T00:00:00Z future=2036-01-01T00:00:00Z
some=$(cat /proc/sys/kernel/random/uuid)	# a consent of no record

fact() {
	rm -rf "$work/state"
	mkdir -p "$work/state/scrim" && mkdir -m 700 "$store"
	if "$3"; then echo "$1 pass $2"; else echo "$1 FAIL $2"; fi
}
status() {
	local wanted=$1 got; shift

	"$@" >"$work/out" 2>"$work/err" </dev/null
	got=$?
	[ $got -eq "$wanted" ] || { echo "status $got, not $wanted: $*" >&2; cat "$work/out" "$work/err" >&2; return 1; }
}
grant() { status 0 "$scrim" consent grant "$offer" --age adult --notice-sha256 "$hash" "$@"; }
both() { grant --subject owner && apart actor --role participant; }
uuid() { cat /proc/sys/kernel/random/uuid; }
calls() { ! printf '%s\n' "$@" | "$books" "$store" | grep -v 'ok$' >&2; }
# taken CAMERA CLASS DONOR: how many the ledger says, as options of explain.
taken() {
	printf 'taken %s %s %s %s another-event\n' "$campaign" "${3:-owner}" "$1" "$2" | "$books" "$store" |
		sed -n 's/^\([0-9]*\) \([0-9]*\) ok$/--class-taken \1 --donor-taken \2/p'
}
# quota STATUS CAMERA CLASS [DONOR]: what explain makes of what the ledger says.
quota() {
	local counts

	jq --arg now "$(date -u +%Y-%m-%dT%H:%M:%SZ)" --arg camera "$2" --arg class "$3" \
		'.captured = {from: $now, until: $now} | .camera = $camera | .event_class = $class' "$here/item.json" >"$work/item.json"
	counts=$(taken "$2" "$3" "${4-}") && [ -n "$counts" ] || return
	# shellcheck disable=SC2086 # two options
	status "$1" "$scrim" explain "$work/item.json" --campaign "$offer" --to example-vision --settings "$work/on" $counts &&
		{ [ "$1" = 0 ] || grep -q '^E_QUOTA' "$work/out"; }
}
# clips N CAMERA CLASS DONOR: a bundle of so many, at the campaign's price.
clips() {
	local id i; id=$(uuid)

	for ((i = 1; i <= $1; i++)); do
		echo "item $id $i $campaign $4 $2 $3 $2-$3-$4-$i 200 $some"
	done
	echo "give $id $1 $campaign example-vision $key $future account-4711"
}
give() { calls "$(clips "$@")"; }
stats() { status 0 "$scrim" ledger stats --json && jq -e "$1" "$work/out" >/dev/null || { cat "$work/out" >&2; return 1; }; }
# donors, clips and cents of bundles that were given.
by_awk() {
	awk '
	function field(name) { return match($0, "\"" name "\":\"[^\"]*\"") ? substr($0, RSTART + length(name) + 4, RLENGTH - length(name) - 5) : "" }
	function number(name) { return match($0, "\"" name "\":[0-9]*") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3) : 0 }
	field("kind") == "item" { n[field("bundle")]++; cents[field("bundle")] += number("cents"); who[field("bundle")] = who[field("bundle")] " " field("donor") }
	field("kind") == "bundle" { clips += n[field("bundle")]; paid += cents[field("bundle")]
		split(who[field("bundle")], list); for (i in list) donor[list[i]] }
	END { for (i in donor) donors++; print donors + 0, clips + 0, paid + 0 }' "$store/export.log"
}
agree() { status 0 "$scrim" ledger stats --json && [ "$(by_awk)" = "$(jq -r '"\(.donors) \(.clips) \(.cents.USD // 0)"' "$work/out")" ]; }

fact_3() {
	local n all=3

	give 3 porch package-theft owner && stats '.cents.USD == 600' && agree || return
	for n in 1 4 7; do
		give $n "camera$n" car-theft owner && all=$((all + n)) && stats ".clips == $all and .cents.USD == $all * 200" && agree || return
	done
}

fact_4() {
	local camera class

	both && for camera in porch drive; do
		for class in package-theft car-theft; do
			give 9 $camera $class owner && quota 0 $camera $class && give 1 "$camera" $class owner2 && quota 0 $camera $class || return
			clips 1 $camera $class owner | sed 's/owner-1/owner-10/' >"$work/tenth" && calls "$(cat "$work/tenth")" && quota 34 $camera $class || return
		done
	done
	rm -rf "$store" && both && for camera in porch drive; do
		give 10 $camera package-theft owner && give 10 $camera car-theft owner || return
	done
	stats '.cents.USD == 8000 and .clips == 40' && agree && quota 34 porch car-theft && quota 0 yard car-theft
}

fact_6() {
	local id; id=$(uuid)

	offer=$work/offer.json
	jq '.quota["package-theft"] = 20000' "$here/campaign.json" >"$offer"
	both && calls "many 19999 $id $campaign others porch package-theft $some" "give $id 19999 $campaign example-vision $key $future pay" &&
		quota 0 porch package-theft && give 1 porch package-theft another &&
		quota 34 porch package-theft && quota 0 porch car-theft
	set -- $?
	offer=$here/campaign.json
	return "$1"
}

fact_9() {
	local id; id=$(uuid)

	calls "item $id 1 $campaign owner porch package-theft one-event 200 $some" "item $id 2 $campaign owner drive package-theft one-event 200 $some" \
		"give $id 2 $campaign example-vision $key $future pay" &&
		[ "$(taken porch package-theft)" = "--class-taken 1 --donor-taken 1" ] && [ "$(taken drive package-theft)" = "--class-taken 1 --donor-taken 1" ]
}

crowd() {
	for ((i = 1; i <= 123; i++)); do
		clips $((i % 2 + 1)) porch package-theft "donor-$i"
	done >"$work/crowd"
	"$books" "$store" <"$work/crowd" >"$work/out" && ! grep -v 'ok$' "$work/out"
}
fact_13() { crowd && stats '.donors == 123 and .whole' && agree && minisign -V -q -m "$store/export.head" -p "$store/consent.pub" && grep -q "^entries $(jq .entries "$work/out")$" "$store/export.head"; }
fact_14() { crowd && stats '.cents.USD == .clips * 200 and .cents.USD > 0' && agree; }

doubts() { "$scrim" status --json >"$work/out" 2>"$work/err"; [ $? = 3 ] && jq -e '[.doubts[].text | select(test("not deleted in time"))] | length == '"$1" "$work/out" >/dev/null; }
# receipt BUNDLE KEY
receipt() {
	printf '{"schema":"scrim.deletion-receipt/1","bundle":"%s","recipient":"example-vision","deleted":"2025-01-01T00:00:00Z"}' "$1" >"$work/receipt"
	minisign -S -s "$work/$2.key" -m "$work/receipt" >/dev/null
}
fact_16() {
	local id; id=$(uuid)

	calls "item $id 1 $campaign owner porch package-theft e 200 $some" "give $id 1 $campaign example-vision $key $past pay" &&
		status 3 "$scrim" erase --overdue && grep -q "^$id: example-vision should" "$work/out" && doubts 1 &&
		receipt "$id" x && status 5 "$scrim" erase --receipt "$work/receipt" && status 3 "$scrim" erase --overdue &&
		receipt "$id" r && status 0 "$scrim" erase --receipt "$work/receipt" && status 0 "$scrim" erase --overdue && doubts 0
}

as() { setpriv --reuid "$1" --regid "$1" --clear-groups env HOME="$work/$1" XDG_STATE_HOME="$work/$1" "${@:2}"; }
fact_20() {
	give 2 porch package-theft somebody-known && status 0 "$scrim" ledger stats && ! grep -q somebody "$work/out" || return
	cp "$scrim" "$work/scrim" && cp "$books" "$work/books" && install -d -o 60001 -g 60001 "$work/60001" && install -d -o 60002 -g 60002 "$work/60002" &&
		clips 2 porch package-theft somebody-known >"$work/clips" && as 60001 mkdir -p -m 700 "$work/60001/scrim/consent" &&
		as 60001 "$work/books" "$work/60001/scrim/consent" <"$work/clips" >/dev/null && as 60001 "$work/scrim" ledger stats | grep -q '^clips      2$' &&
		as 60002 "$work/scrim" ledger stats | grep -q '^clips      0$' && status 2 as 60002 "$work/scrim" ledger stats --store "$work/60001/scrim/consent" &&
		[ ! -s "$work/out" ] && ! as 60002 cat "$work/60001/scrim/consent/export.log" 2>/dev/null
}

# The same words and status for a bundle of somebody else as for none at all, in one's own store and in theirs.
fact_28() {
	local id never store; never=$(uuid)

	cp "$scrim" "$work/scrim" && cp "$books" "$work/books" && rm -rf "$work/60001" "$work/60002" &&
		install -d -o 60001 -g 60001 "$work/60001" && install -d -o 60002 -g 60002 "$work/60002" &&
		clips 1 porch package-theft owner >"$work/clips" && id=$(sed -n 's/^give \([^ ]*\) .*/\1/p' "$work/clips") &&
		for who in 60001 60002; do as $who mkdir -p -m 700 "$work/$who/scrim/consent"; done &&
		as 60001 "$work/books" "$work/60001/scrim/consent" <"$work/clips" >/dev/null &&
		(cd "$work/60002" && clips 1 gate car-theft other | as 60002 "$work/books" "$work/60002/scrim/consent" >/dev/null) &&
		(cd "$work/60001" && status 0 as 60001 "$work/scrim" erase "$id") || return
	for store in "$work/60002/scrim/consent" "$work/60001/scrim/consent"; do
		(cd "$work/60002" && as 60002 "$work/scrim" erase "$id" --store "$store") >"$work/a" 2>&1; echo $? >>"$work/a"
		(cd "$work/60002" && as 60002 "$work/scrim" erase "$never" --store "$store") >"$work/b" 2>&1; echo $? >>"$work/b"
		sed "s/$id/ID/g" "$work/a" >"$work/c"
		sed "s/$never/ID/g" "$work/b" | diff "$work/c" - >&2 && [ "$(tail -n 1 "$work/a")" = 2 ] || { cat "$work/a" >&2; return 1; }
	done
	[ -z "$(find "$work/60002" -mindepth 1 -maxdepth 1 ! -name scrim)" ]
}

fact_21() {
	local id; id=$(uuid)

	offer=$work/offer.json
	jq '.offer.reward.cap_count = 1000' "$here/campaign.json" >"$offer"
	both && calls "many 999 $id $campaign owner porch package-theft $some" "give $id 999 $campaign example-vision $key $future pay" &&
		quota 0 porch package-theft && give 1 porch package-theft owner && quota 34 porch package-theft
	set -- $?
	offer=$here/campaign.json
	return "$1"
}

fact_38() {
	local id record; id=$(uuid)

	grant --subject owner --json && record=$(jq -r .record_id "$work/out") &&
		calls "item $id 1 $campaign owner porch package-theft e 200 $record" "give $id 1 $campaign example-vision $key $future pay" \
			"$(clips 1 drive package-theft owner)" &&
		status 0 "$scrim" consent show "$record" --json && jq -e ".bundles | length == 1 and .[0].bundle == \"$id\" and
			.[0].recipients[0].id == \"example-vision\" and .[0].recipients[0].state == \"has it\"" "$work/out" >/dev/null &&
		status 0 "$scrim" consent withdraw "$campaign" && grep -q "in bundle $id" "$work/out" && grep -q '  example-vision: has it' "$work/out" &&
		grep -q "scrim erase $record" "$work/out" && status 0 "$scrim" erase "$record" --output "$work" &&
		status 0 "$scrim" consent show "$record" && grep -q '  example-vision: asked to delete' "$work/out" &&
		receipt "$id" r && status 0 "$scrim" erase --receipt "$work/receipt" &&
		status 0 "$scrim" consent show "$record" && grep -q '  example-vision: deleted, receipt of 2025-01-01' "$work/out"
}

fact_56() {
	local id; id=$(uuid)

	printf '[export]\nallow = yes\nsuspended = example-vision\n' >"$work/suspended"
	both && quota 0 porch package-theft && calls "item $id 1 $campaign owner porch package-theft e 200 $some" "give $id 1 $campaign example-vision $key $future pay" &&
		status 30 "$scrim" explain "$work/item.json" --campaign "$offer" --to example-vision --settings "$work/suspended" &&
		status 0 "$scrim" ledger list --recall --settings "$work/on" && [ ! -s "$work/out" ] &&
		status 0 "$scrim" ledger list --recall --settings "$work/suspended" && grep -q "^$id given" "$work/out"
}

fact 3 "3 clips are 600 cents, n clips n times 200; awk agrees" fact_3
fact 4 "2 cameras, 2 classes, 10 clips: 8000 cents; the 11th of each is E_QUOTA" fact_4
fact 6 "clip 20000 is taken, 20001 is E_QUOTA, another class is not" fact_6
fact 9 "two cameras, one event: one of its class, one of each camera" fact_9
fact 13 "123 donors are 123; awk agrees, and minisign with the head" fact_13
fact 14 "the sum is clips times 200; awk agrees" fact_14
fact 16 "past delete_by: status 3, and status doubts; forged receipt 5; the right one closes it" fact_16
if [ "$(id -u)" = 0 ]; then
	fact 20 "stats name nobody, and are one's own: another user's are refused" fact_20
	fact 28 "a bundle of somebody else is answered as one that is not there" fact_28
else
	echo "20 skip it needs root to be two users"
	echo "28 skip it needs root to be two users"
fi
fact 21 "a cap of 1000 takes clip 1000 and refuses 1001" fact_21
fact 38 "consent show: bundle, recipient, request, receipt; withdraw says who has it" fact_38
fact 56 "suspended: E_RECIPIENT, and what it has is listed for recall" fact_56
