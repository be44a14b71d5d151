# SPDX-License-Identifier: GPL-2.0
#
# For tests with $scrim, $offer and $work, sourced: persons who agree with keys of their own.

# own_etc: settings are an administrator's, at one place, which is another one for the processes of
# this mount namespace.  To be undone before $work is removed: umount /etc "$work/etc".
own_etc() {
	mkdir "$work/etc" && mount -t tmpfs -o mode=755 none "$work/etc" && cp -a /etc/. "$work/etc/" &&
		mkdir -p "$work/etc/scrim" && mount --bind "$work/etc" /etc
}

# apart NAME OPTIONS...: NAME agrees, in a store of his own, and hands that over.
apart() {
	local name=$1 id; shift

	id=$("$scrim" consent grant "$offer" --store "$work/state/persons/$name" --subject "$name" --age adult \
		--notice-sha256 "$(jq -r .notice.sha256 "$offer")" --json "$@" 2>/dev/null | jq -r .record_id) &&
		"$scrim" consent hand "$id" --store "$work/state/persons/$name" >"$work/$name.consent" &&
		"$scrim" consent take "$work/$name.consent" >/dev/null
}
