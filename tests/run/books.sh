#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# scrim ledger and scrim erase, as people and scripts use them; awk, sqlite3 and minisign, which know
# nothing of scrim, agree with them.  And what is left of a writer that is killed.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
scrim=$(realpath "${SCRIM:-build/bin/scrim}") || exit
books=$PWD/build/tests/books
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
export XDG_STATE_HOME=$work/state HOME=$work
store=$work/state/scrim/consent
log=$store/export.log
mkdir -p -m 700 "$work/state" "$work/state/scrim" "$store"

# status N COMMAND...: it exits with N; what it says is in $work/out and $work/err.
status() {
	local wanted=$1 got; shift

	"$@" >"$work/out" 2>"$work/err" </dev/null
	got=$?
	[ $got -eq "$wanted" ] || { echo "status $got, not $wanted: $*"; cat "$work/out" "$work/err"; return 1; }
}
ledger() { status "$1" "$scrim" ledger "${@:2}"; }
erase() { status "$1" "$scrim" erase --output "$work" "${@:2}"; }
says() { grep -q -e "$1" "$work/out" || { cat "$work/out"; return 1; }; }
complains() { grep -q -e "$1" "$work/err" || { cat "$work/err"; return 1; }; }
json() { jq -e "$1" "$work/out" >/dev/null || { cat "$work/out"; return 1; }; }
uuid() { cat /proc/sys/kernel/random/uuid; }
# calls LINE...: all are answered with ok.
calls() { ! printf '%s\n' "$@" | "$books" "$store" | grep -v 'ok$'; }

minisign -G -W -f -p "$work/r.pub" -s "$work/r.key" >/dev/null
minisign -G -W -f -p "$work/x.pub" -s "$work/x.key" >/dev/null
key=$(tail -n 1 "$work/r.pub")
a=$(uuid) b=$(uuid) v=$(uuid) c=$(uuid) d=$(uuid)
past=2024-01-01T00:00:00Z future=2036-01-01T00:00:00Z

is "without a ledger nothing was given" eval 'ledger 0 stats && says "^clips      0$" && ledger 0 list && [ ! -s "$work/out" ] && ledger 0 verify && erase 0 --overdue'
filled() {
	calls "item $a 1 doorstep owner porch package-theft event-1 200 $c" "item $a 2 doorstep owner drive package-theft event-1 200 $c" \
		"give $a 2 doorstep example-vision $key $past account-4711" \
		"item $b 1 doorstep neighbour porch car-theft event-2 200 $d" \
		"give $b 1 doorstep example-labels $key $future account-4712" \
		"item $v 1 doorstep third porch car-theft event-3 200 $d" "void $v"
}
is "two bundles are given, and one is given up" filled
is "the ledger is whole" eval 'ledger 0 verify && says "^whole: 7 entries, 2 bundles given$" && ledger 0 verify --json && json ".whole and .entries == 7"'
sums='.donors == 2 and .clips == 3 and .bundles == 2 and .cents.USD == 600 and .deletions == 0 and .overdue == 1'
is "what was given up is in no sum" eval 'ledger 0 stats --json && json "$sums"'
is "nor what was given for another campaign" eval 'ledger 0 stats --campaign another --json && json ".clips == 0 and .donors == 0"'

# The sums again, out of the lines alone.
by_awk() {
	awk '
	function field(name) { return match($0, "\"" name "\":\"[^\"]*\"") ? substr($0, RSTART + length(name) + 4, RLENGTH - length(name) - 5) : "" }
	function number(name) { return match($0, "\"" name "\":[0-9]*") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3) : 0 }
	field("kind") == "item" { n[field("bundle")]++; cents[field("bundle")] += number("cents"); who[field("bundle")] = who[field("bundle")] " " field("donor") }
	field("kind") == "bundle" { given++; clips += n[field("bundle")]; paid += cents[field("bundle")]
		split(who[field("bundle")], list); for (i in list) donor[list[i]] }
	END { for (i in donor) donors++; print donors + 0, clips + 0, given + 0, paid + 0 }' "$log"
}
agree() { ledger 0 stats --json && [ "$(by_awk)" = "$(jq -r '"\(.donors) \(.clips) \(.bundles) \(.cents.USD // 0)"' "$work/out")" ]; }
is "awk adds it up in the same way" agree
counted() { [ "$(sqlite3 "$store/export.index" 'select sum(n) from taken where donor = ""' 'select count(*) from item')" = "$(printf '2\n3')" ]; }
is "so does sqlite3 with the index: two events, three clips" counted
is "a list has who has what" eval 'ledger 0 list && says "^$a given doorstep, 2 clips, 4.00 USD, $a.tar.age$" && says "  example-vision: overdue, to be deleted by $past" && says "^$v void doorstep, 1 clip"'
is "and how somebody is paid" eval 'ledger 0 list --json && json ".[0].payment == \"account-4711\""'
recalled() {
	printf '[export]\nallow = yes\nsuspended = example-labels\n' >"$work/conf"
	ledger 0 list --recall --settings "$work/conf" && says "^$b given" && ! grep -q "$a" "$work/out" &&
		ledger 2 list --recall --settings "$work/none"
}
is "what a suspended recipient has is listed for recall" recalled

# Deletion.
is "what should be gone is told, with status 3" eval 'erase 3 --overdue && says "^$a: example-vision should have deleted it by $past$" && erase 3 --overdue --json && json ".[0].bundle == \"$a\" and length == 1"'
doubted() { "$scrim" status >"$work/out" 2>"$work/err"; [ $? = 3 ] && says "1 bundle was not deleted in time: scrim erase --overdue"; }
is "scrim status says so as well" doubted
requested() {
	erase 0 "$a" && minisign -V -q -m "$work/$a-example-vision.erase.json" -p "$store/consent.pub" &&
		jq -e ".bundle == \"$a\" and .recipient == \"example-vision\" and .schema == \"scrim.deletion-request/1\" and (has(\"record_id\") | not)" \
			"$work/$a-example-vision.erase.json" >/dev/null && ledger 0 list && erase 3 --overdue && says "and was asked to"
}
is "a request is a file that minisign checks" requested
by_record() { erase 0 "$d" --json && json "length == 1 and .[0].bundle == \"$b\"" && jq -e ".record_id == \"$d\"" "$work/$b-example-labels.erase.json" >/dev/null; }
is "what rests on a consent is asked for by its id" by_record
is "nobody is asked for what he does not have" eval 'erase 2 "$a" --to example-labels && erase 2 "$(uuid)" && erase 2 "$v"'
# receipt BUNDLE RECIPIENT TIME KEY [MORE]
receipt() {
	printf '{"schema":"scrim.deletion-receipt/1","bundle":"%s","recipient":"%s","deleted":"%s"%s}' "$1" "$2" "$3" "${5-}" >"$work/receipt"
	minisign -S -s "$work/$4.key" -m "$work/receipt" >/dev/null
}
refused() {
	receipt "$a" example-vision 2025-01-01T00:00:00Z x && erase 5 --receipt "$work/receipt" && complains 'not signed with the key' &&
		receipt "$a" example-labels 2025-01-01T00:00:00Z r && erase 2 --receipt "$work/receipt" &&
		receipt "$(uuid)" example-vision 2025-01-01T00:00:00Z r && erase 2 --receipt "$work/receipt" &&
		receipt "$a" example-vision 2099-01-01T00:00:00Z r && erase 2 --receipt "$work/receipt" &&
		receipt "$a" example-vision 2001-01-01T00:00:00Z r && erase 2 --receipt "$work/receipt" &&
		receipt "$a" example-vision 2025-01-01T00:00:00Z r ',"more":1' && erase 2 --receipt "$work/receipt" &&
		receipt "$a" example-vision 2025-01-01T00:00:00Z r && sed -i 's/2025/2024/' "$work/receipt" && erase 5 --receipt "$work/receipt" &&
		rm "$work/receipt.minisig" && erase 2 --receipt "$work/receipt" && erase 3 --overdue
}
is "a receipt that is forged, of another, or of another time is refused" refused
# A campaign with another key comes later: the bundle keeps the one that it was given under.
swapped() {
	local more; more=$(uuid)

	calls "item $more 1 doorstep owner porch car-theft event-9 200 $c" "give $more 1 doorstep example-vision $(tail -n 1 "$work/x.pub") $future account-4711" &&
		receipt "$a" example-vision 2025-01-01T00:00:00Z x && erase 5 --receipt "$work/receipt" &&
		receipt "$more" example-vision 2025-01-01T00:00:00Z x && erase 0 --receipt "$work/receipt"
}
is "a key that somebody names later signs nothing for what was given before" swapped
part() { receipt "$a" example-vision 2025-01-01T00:00:00Z r ",\"record_id\":\"$c\"" && erase 0 --receipt "$work/receipt" && erase 3 --overdue; }
is "a receipt of a part closes nothing" part
closed() {
	receipt "$a" example-vision 2025-01-01T00:00:00Z r && mv "$work/receipt.minisig" "$work/sig" && erase 0 --receipt "$work/receipt" --sig "$work/sig" &&
		erase 0 --overdue && [ ! -s "$work/out" ] && ledger 0 stats --json && json '.deletions == 2 and .overdue == 0'
}
is "the right one closes it" closed

# Tampering.
cp "$log" "$work/log"
broken() { ledger 4 verify && complains "$1" && ledger 4 stats --json && json '.whole | not' && ! printf 'void %s\n' "$a" | "$books" "$store" >/dev/null; }
edited() { sed -i '3s/4711/4712/' "$log" && broken 'export.log:3: '; }
is "an edited line is named, and nothing is written" edited
cut_out() { sed 4d "$work/log" >"$log" && broken 'export.log:4: entry 4 is missing'; }
is "so is one that is gone" cut_out
swapped_lines() { awk 'NR == 3 { held = $0; next } { print } NR == 4 { print held }' "$work/log" >"$log" && broken 'export.log:3: entry 3 is missing'; }
is "so are two that changed places" swapped_lines
shortened() { sed '$d' "$work/log" >"$log" && broken 'and its head says'; }
is "so is an end that is gone" shortened
gone() { rm "$log" && broken 'export.head: the log ends with entry 0' && ledger 4 stats && ledger 4 list && erase 4 --overdue && [ ! -e "$log" ] && cp "$work/log" "$log" && ledger 0 verify; }
is "and a log that is gone" gone
others() { chmod 755 "$store" && ledger 2 stats && chmod 700 "$store"; }
is "a store that others can enter is refused" others

# The index.
damaged() {
	local line="taken doorstep owner porch package-theft x" want

	want=$(echo "$line" | "$books" "$store" 2>/dev/null)
	printf 'not a database, and quite long enough to be none' >"$store/export.index"
	[ "$(echo "$line" | "$books" "$store" 2>"$work/err")" = "$want" ] && complains 'export.index.*made anew' &&
		sqlite3 "$store/export.index" 'update taken set n = 0' && [ "$(echo "$line" | "$books" "$store" 2>"$work/err")" = "$want" ] &&
		complains 'not what the ledger says.*made anew' && rm "$store/export.index" && [ "$(echo "$line" | "$books" "$store")" = "$want" ]
}
is "an index that is damaged, lies or is gone is made anew" damaged

# Killed at every call that writes: what was answered with ok is there, and nothing else counts.
script() {
	printf '%s\n' "item $a 1 camp owner porch pet e1 100 $c" "item $a 2 camp owner porch pet e2 100 $c" \
		"give $a 2 camp vision $key $future pay"
}
# killed_at CALL N: 0, or 1 when it ended before, or 2 when something is wrong then.
killed_at() {
	local lines given items

	rm -rf "$work/k" && cp -r "$work/fresh" "$work/k"
	{ strace -f -o /dev/null -e inject="$1":signal=KILL:when="$2" "$books" "$work/k" <"$work/script" >"$work/out"; } 2>/dev/null &&
		return 1
	lines=$(grep -c -x ok "$work/out")
	"$scrim" ledger stats --store "$work/k" --json >"$work/stats" 2>"$work/err" || { cat "$work/err"; return 2; }
	given=$(jq .clips "$work/stats")
	# The entry may be on the disk before anybody was told.
	[ "$given" = 0 ] && [ "$lines" -lt 3 ] || { [ "$given" = 2 ] && [ "$lines" -ge 2 ]; } || { echo "$lines answers, $given clips"; return 2; }
	items=$(cat "$work/k"/export.log 2>/dev/null | grep -c '"kind":"item"')
	[ "$items" -ge $((lines < 2 ? lines : 2)) ] || { echo "$lines answers, $items items"; return 2; }
	# It goes on from there, and index and ledger are of one mind.
	[ "$(echo "taken camp owner porch pet x $a" | "$books" "$work/k" 2>/dev/null)" = "$items $items ok" ] || { echo "the index differs"; return 2; }
}
killed() {
	local call n ret times=0

	rm -rf "$work/fresh" && "$books" "$work/fresh" </dev/null && script >"$work/script" || return
	for call in write pwrite64 fdatasync fsync renameat renameat2 unlink; do
		for ((n = 1; ; n++)); do
			killed_at $call $n
			ret=$?
			[ $ret = 0 ] || break
			times=$((times + 1))
		done
		[ $ret = 1 ] || { echo "at $call $n"; return 1; }
	done
	[ $times -gt 30 ] || { echo "only $times times"; return 1; }
}
# content ANSWERS: of a store after a cut.
content() {
	local given

	"$scrim" ledger stats --store "$work/cut" --json >"$work/stats" || return
	given=$(jq .clips "$work/stats")
	[ "$given" = 0 ] && [ "$1" -lt 3 ] || { [ "$given" = 2 ] && [ "$1" -ge 2 ]; } || { echo "$1 answers, $given clips"; return 1; }
	[ "$1" -lt 2 ] || [ "$(grep -c '"kind":"item"' "$work/cut/export.log")" = 2 ] || { echo "an item is lost"; return 1; }
	echo "taken camp owner porch pet x $a" | "$books" "$work/cut" 2>/dev/null | grep -q 'ok$'
}
power_cut() {
	rm -rf "$work/k" && cp -r "$work/fresh" "$work/k" &&
		strace -f -y -xx -s 100000 -o "$work/trace" -e trace=$calls_of_a_disk "$books" "$work/k" <"$work/script" >/dev/null || return
	export -f content
	export scrim work books a
	python3 tests/run/books_cut.py "$work/trace" "$work/k" "$work/fresh" "$work/cut" bash -c 'content "$1"' content
}
calls_of_a_disk=write,openat,fsync,fdatasync,renameat,renameat2,unlinkat,ftruncate
if strace -o /dev/null true 2>/dev/null; then
	is "killed at any write: what was acknowledged is there, and nothing half" killed
	is "after a power cut at any call: the same, of what was synced" power_cut
else
	skip "killed at any write, and after a power cut" "strace may not trace here"
fi
exit $failed
