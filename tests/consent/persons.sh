# SPDX-License-Identifier: GPL-2.0
#
# For tests with $scrim, $offer and $work, sourced: persons who agree with keys of their own.

# apart NAME OPTIONS...: NAME agrees, in a store of his own, and hands that over.
apart() {
	local name=$1 id; shift

	id=$("$scrim" consent grant "$offer" --store "$work/state/persons/$name" --subject "$name" --age adult \
		--notice-sha256 "$(jq -r .notice.sha256 "$offer")" --json "$@" 2>/dev/null | jq -r .record_id) &&
		"$scrim" consent hand "$id" --store "$work/state/persons/$name" >"$work/$name.consent" &&
		"$scrim" consent take "$work/$name.consent" >/dev/null
}
