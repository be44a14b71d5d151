#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# scrim consent and scrim explain, as people and scripts use them; and the facts that they show.
# shellcheck disable=SC2034 # read by tests/run.sh: seconds that this may take
limit=1800
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
scrim=$(realpath "${SCRIM:-build/bin/scrim}") || exit
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
export XDG_STATE_HOME=$work/state HOME=$work
offer=tests/consent/campaign.json
store=$work/state/scrim/consent
hash=$(jq -r .notice.sha256 $offer)

# status N COMMAND...: it exits with N; what it says is in $work/out and $work/err.
status() {
	local wanted=$1 got; shift

	"$@" >"$work/out" 2>"$work/err" </dev/null
	got=$?
	[ $got -eq "$wanted" ] || { echo "status $got, not $wanted: $*"; cat "$work/out" "$work/err"; return 1; }
}
consent() { status "$1" "$scrim" consent "${@:2}"; }
grant() { consent 0 grant "$offer" --age adult --notice-sha256 "$hash" "$@"; }
complains() { grep -q -e "$1" "$work/err" || { cat "$work/err"; return 1; }; }
json() { jq -e "$1" "$work/out" >/dev/null || { cat "$work/out"; return 1; }; }
one_line() { [ "$(wc -l <"$work/err")" = 1 ] && [ ! -s "$work/out" ]; }

is "without a consent there is an empty list" eval 'consent 0 list && [ ! -s "$work/out" ] && consent 0 verify && consent 0 list --json && json "length == 0"'
is "an offer is agreed to by its notice's hash" grant --subject owner --json
is "and a record is printed" json '.schema == "scrim.consent/1" and .subject.id == "owner" and .events[0].state == "given"'
is "the hash is that of the text" eval '[ "$(jq -j .notice.text $offer | sha256sum | cut -d" " -f1)" = "$hash" ]'
answered() {
	printf 'yes\n%s\n' "${hash:0:8}" | "$scrim" consent grant $offer >"$work/out" 2>"$work/err" && grep -q '^granted: ' "$work/out"
}
is "who is asked types the beginning of it" answered
answered_oddly() {
	printf 'y\nYes, I am of age\nno\n%s\n' "${hash:0:8}" | "$scrim" consent --store "$work/odd" --json grant $offer >"$work/out" 2>"$work/err" &&
		json '.subject.age_class == "minor"' && [ "$(grep -o 'Are you an adult' "$work/err" | wc -l)" = 3 ]
}
is "who says another word is asked for the age again" answered_oddly
# Before anybody is asked; it is what is stored then.
told() {
	consent 2 grant $offer --until 2030-01-01T00:00:00Z --origin staged || return
	for line in 'models: non-generative' 'sources: outdoor doorbell' 'events: package-theft car-theft' 'origin: staged' \
		'recipient: example-vision age1' 'third parties: no' 'allowed in: EU CH US$' 'not in: US-IL' 'stored in: DE' \
		'kept: P1Y in a data centre in Frankfurt, then: erase' 'covered: faces and plates by fill' \
		'reward: money, 200 cents USD each, at most 10' 'until 2030-01-01T00:00:00Z, to this' 'legal basis: eu-gdpr:A6-1-a'; do
		sed '/Are you an adult/,$d' "$work/err" | grep -q -e "$line" || { echo "$line"; return 1; }
	done
}
is "who is asked was told all that is agreed to" told
is "who does not answer has not agreed" eval 'consent 2 grant $offer && complains "not granted"'
too_short() { ! printf 'yes\n%s\n' "${hash:0:7}" | "$scrim" consent grant $offer >/dev/null 2>&1; }
is "nor who types less" too_short
is "a list has both" eval 'consent 0 list --json && json "length == 2 and all(.[]; .state == \"given\")"'
shown() {
	local id

	consent 0 list --json && id=$(jq -r '.[0].record_id' "$work/out") && consent 0 show "$id" &&
		grep -q "take it back: scrim consent withdraw $id" "$work/out" && consent 0 show "$id" --json &&
		json '(.hash | length) == 64 and (.sig | length) == 88' && consent 0 receipt "$id" &&
		json '."@type" == "dpv:ConsentRecord"' && consent 0 receipt "$id" --format kantara && json '.version == "KI-CR-v1.1.0"'
}
is "each is shown, and receipts are printed" shown
python_agrees() {
	python3 - "$store/consent.log" <<-'END'
		import hashlib, json, sys
		before = "0" * 64
		for line in open(sys.argv[1], "rb").read().split(b"\n")[:-1]:
		    entry = json.loads(line)
		    assert json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() == line
		    assert entry["prev"] == before and entry["kind"] in ("grant", "withdraw")
		    before = hashlib.blake2b(line, digest_size=32).hexdigest()
	END
}
is "the store is a chain, as Python finds it" python_agrees
is "minisign finds its head signed" minisign -V -q -p "$store/consent.pub" -m "$store/consent.head"
is "nobody else may enter it" eval '[ "$(stat -c %a "$store" "$store/consent.key" | paste -sd " ")" = "700 600" ]'
is "what is withdrawn is" eval 'consent 0 withdraw $offer --json && json ".withdrawn | length == 2" && consent 0 list --json && json "all(.[]; .state == \"withdrawn\")"'
is "once" eval 'consent 2 withdraw $offer && one_line'
is "withdrawing by record is one consent" eval 'grant && grant && consent 0 list --json && consent 0 withdraw "$(jq -r ".[3].record_id" "$work/out")" && [ "$(wc -l <"$work/out")" = 1 ] && complains "1 other consent to the campaign .* still holds; to take back all: scrim consent withdraw"'
is "less than is offered can be agreed to" eval 'grant --origin real --until 2030-01-01T00:00:00Z --json && json ".process[0].origin == \"real\" and .events[0].until == \"2030-01-01T00:00:00Z\""'
is "nor what is over" eval 'consent 2 grant $offer --age adult --notice-sha256 $hash --until 1970-01-01T00:00:00Z && one_line && complains "until is over"'
headless() {
	strace -f -o /dev/null -e inject=/^rename:error=EIO "$scrim" consent grant $offer --age adult --notice-sha256 "$hash" >"$work/out" 2>"$work/err" </dev/null &&
		grep -q '^granted: ' "$work/out" && complains 'stored, but not in the head of the log'
}
if strace -o /dev/null true 2>/dev/null; then is "a head that cannot be written is told" headless; else skip "a head that cannot be written is told" "strace cannot trace here"; fi
is "more cannot" eval 'consent 2 grant $offer --data audio --age adult --notice-sha256 $hash && one_line'

# Wrong words.
is "nor is a long one cut" eval 'consent 2 grant $offer --age adult --notice-sha256 $hash --subject "$(printf "%090d" 1)" && one_line && complains "subject has more than 63 bytes"'
is "a pseudonym that cannot be one is named" eval 'consent 2 grant $offer --age adult --notice-sha256 $hash --subject "a b" && complains "subject.id: .a b. is not of letters"'
wrong() { consent 2 "$@" && one_line; }
is "a command that is none is refused" wrong approve
is "so is none at all" wrong
is "and too few words, or too many" eval 'wrong grant && wrong show && wrong list all'
is "options are checked" eval 'wrong list --age old && wrong list --until tomorrow && wrong grant $offer --data "" && wrong receipt x --format pdf'
is "a file that is not there is named" eval 'wrong grant "$work/none.json" && complains none.json'
is "a file that is no offer is named" eval 'echo "{}" >"$work/empty.json" && wrong grant "$work/empty.json" && complains "empty.json: schema: is missing"'
is "an offer that is over is refused" eval 'jq ".until = \"2026-01-02T00:00:00Z\"" $offer >"$work/over.json" && wrong grant "$work/over.json" && complains "is over"'
is "a store that others may enter is refused" eval 'chmod 750 "$store" && wrong list && complains "others may enter" && chmod 700 "$store"'
is "explain needs its words" eval 'status 2 "$scrim" explain tests/consent/item.json && one_line && status 0 "$scrim" explain --help'

settings=(--settings "$work/none")
[ "$(id -u)" = 0 ] || settings=()	# only root has others than the machine's
counts() {
	status 22 "$scrim" explain tests/consent/item.json --campaign $offer --to example-vision "${settings[@]}" "$@"
}
is "explain says that it assumes counts" eval 'counts --json && json ".counts_assumed == true" && counts && complains "is assumed" && counts --class-taken 1 && complains "is assumed"'
is "but not those that were said" eval 'counts --class-taken 0 --donor-taken 0 --json && json ".counts_assumed == false" && counts --class-taken 0 --donor-taken 0 && [ ! -s "$work/err" ]'
edited() {
	sed -i '1s/"owner"/"other"/' "$store/consent.log" && consent 4 verify && complains 'consent.log:1: ' && consent 4 list &&
		consent 4 grant $offer --age adult --notice-sha256 "$hash" && complains 'not what was written' &&
		consent 4 verify --json && json '.whole == false'
}
is "a store that was edited is told, and nothing is granted in it" edited
# The second entry, so that the first can be taken back, but for what was edited.
half() {
	rm -rf "$work/state"
	grant --subject owner && grant --subject actor && sed -i '2s/"actor"/"acTor"/' "$store/consent.log" &&
		consent 4 withdraw $offer && grep -q '^written down, to be withdrawn: ' "$work/out" && [ "$(wc -l <"$work/out")" = 1 ] &&
		complains 'nothing is exported until that is mended, and 1 withdrawal is in force then' && ! grep -q '^withdrawn' "$work/out" &&
		consent 4 withdraw $offer && sed -i '2s/"acTor"/"actor"/' "$store/consent.log" && consent 0 list --json &&
		json '[.[] | .state] == ["withdrawn", "given"]'
}
is "withdrawing there is written down, and is said to be no more than that" half
together() {
	rm -rf "$work/state"
	grant --subject owner && grant --subject actor || return
	for i in 1 2 3 4; do "$scrim" consent withdraw $offer >/dev/null 2>&1 & done
	wait
	consent 0 verify && consent 0 list --json && json 'all(.[]; .state == "withdrawn")'
}
is "who withdraws at the same time as others has withdrawn" together

# What reads locks itself in before it looks at what it reads, and opens nothing from then on.
locked() {
	strace -f -o "$work/trace" "$scrim" "$@" >/dev/null 2>&1
	python3 - "$work/trace" <<-'END'
		import re, sys
		# Each process locks itself in; the first is the command, others are its workers.
		first, locked, after = None, set(), []
		for line in open(sys.argv[1]):
		    pid, call = line.split(None, 1)
		    first = first or pid
		    if pid in locked: after.append(call)
		    if re.match(r"seccomp\(SECCOMP_SET_MODE_FILTER.* = 0", call): locked.add(pid)
		bad = [c for c in after if re.match(r"open|socket|connect|clone|v?fork|execve|creat|stat\(", c)]
		if bad: print(bad)
		reads = [c for c in after if c.startswith("read(")]
		sys.exit(first not in locked or bool(bad) or not reads)
	END
}
rm -rf "$work/state"
grant --subject owner --json
id=$(jq -r .record_id "$work/out")
if strace -o /dev/null true 2>/dev/null; then
	is "list locks itself in before it reads" locked consent list
	is "so does show" locked consent show "$id"
	is "and receipt" locked consent receipt "$id"
	is "and verify" locked consent verify
	is "and explain" locked explain tests/consent/item.json --campaign $offer --to example-vision
else
	skip "commands lock themselves in before they read" "strace cannot trace here"
fi

# Every id of a rule has a test that breaks it.
ids_are_broken() {
	local id

	for id in $(grep -oE '"[a-z-]+\.[a-z-]+"' lib/consent/rules.c | sort -u); do
		grep -q -F -e "$id" tests/check_decide.c || { echo "$id"; return 1; }
	done
}
is "every rule is broken by a test" ids_are_broken
# The facts; the table is printed by `make check-consent`.
tests/consent/facts.sh >"$work/facts"
while read -r row verdict what; do
	case $verdict in
	pass)	echo "ok - fact $row: $what" ;;
	skip)	skip "fact $row" "$what" ;;
	*)	echo "not ok - fact $row: $what"; failed=1 ;;
	esac
done <"$work/facts"
table_is_whole() { tests/consent/table.sh "$work/facts" >"$work/table" && [ "$(grep -c '^fact [0-9]* \(pass\|open\|none\): ' "$work/table")" = 57 ]; }
is "the table has all 57, and none that fails" table_is_whole
exit $failed
