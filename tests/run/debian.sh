#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What of debian/ can be wrong without anybody building packages: versions, the symbols
# of the library, the language of its scripts, and what makes cameras start by themselves.
# `make check-packages` builds and installs them.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
unset MAKEFLAGS MAKELEVEL

version() { sed -n 's/^VERSION[[:blank:]]*:= //p' Makefile; }
changelog_version() { sed -n '1s/^scrim (\(.*\)) .*/\1/p' debian/changelog; }
dkms_version() { sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf; }
declared() { grep -o '\<scrim_[a-z_]*(' lib/scrim.h | tr -d '(' | sort -u; }
symbols() { sed -n 's/^ \(scrim_[a-z_]*\)@SCRIM_0 .*/\1/p' debian/libscrim0.symbols | sort; }

is "the packages have the version of the program" test "$(changelog_version)" = "$(version)"
is "so has the module" test "$(dkms_version)" = "$(version)"
is "libscrim0.symbols has the functions of scrim.h" diff <(declared) <(symbols)
is "the soname is that of libscrim0" grep -q "^SOVERSION := 0$" Makefile
for script in debian/*.{postinst,prerm,postrm} tools/system/scrim-cameras; do
	is "$script is a script" sh -n "$script"
done

# scrim-cameras with a folder of ours and a systemctl that only says what it is asked.
mkdir "$work/bin" "$work/policy.d"
cat >"$work/bin/systemctl" <<END
#!/bin/sh
echo "\$@" >>"$work/asked"
[ ! -e "$work/late" ] || mv "$work/late" "$work/policy.d/late.conf"
END
chmod +x "$work/bin/systemctl"
ln -s "$(realpath "${SCRIM:-build/bin/scrim}")" "$work/bin/scrim"
sed "s|^folder=.*|folder=$work/policy.d|" tools/system/scrim-cameras >"$work/scrim-cameras"
starts() { rm -f "$work/asked"; PATH=$work/bin:$PATH sh "$work/scrim-cameras" >"$work/said" 2>&1; }
asked() { cat "$work/asked" 2>/dev/null; }

is "without a policy nothing is started" starts
is "and systemd asked for nothing" test -z "$(asked)"
printf '[camera porch]\npurpose = a test\ndevice = /dev/video0\n\n[camera file]\npurpose = device = none\n' >"$work/policy.d/a.conf"
printf '[camera yard-2]\npurpose = a test\ndevice = /dev/video2\n' >"$work/policy.d/b.conf"
is "with policies their filters are started" starts
is "of cameras that have a device" test "$(asked)" = "start --no-block -- scrim@porch.service scrim@yard-2.service"
printf '[camera late]\npurpose = a test\ndevice = /dev/video4\n' >"$work/late"
starts
is "a policy written meanwhile counts" grep -q ' scrim@late.service' "$work/asked"
printf 'facse = fill\n' >>"$work/policy.d/b.conf"
fails() { ! "$@"; }
is "a mistake in a policy fails it" fails starts
is "and is named" grep -q "b.conf:4: unknown key 'facse'" "$work/said"
is "nothing is started then" test -z "$(asked)"
exit $failed
