# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# For setup.sh: the kernel "debug", from Debian's linux-source, with what debug.config says.
# Building it takes some twenty minutes on two cores.
source_package=linux-source-6.1

# Options that are not there under this name would go unnoticed.
all_set() {
	local option missing=

	for option in $(sed -n 's/^\(CONFIG_[A-Z0-9_]*=.*\)/\1/p' "$vm/debug.config"); do
		grep -q -x -- "$option" "$1/.config" || missing="$missing $option"
	done
	[ -z "$missing" ] || die "the debug kernel cannot have:$missing"
}

setup_debug() {
	local tree release

	[ ! -e "$kept/kernel-debug/release" ] || return 0
	need_tools flex bison bc gcc make
	say "fetching and building the debug kernel; this takes a while"
	apt_refresh "$suites"
	aside kernel-debug
	fetch_debs "$suites" $source_package
	dpkg-deb --fsys-tarfile "$new"/debs/*.deb | tar -x -O --wildcards './usr/src/*.tar.xz' | tar -x -J -C "$new"
	rm -rf "$new/debs"
	mv "$new"/linux-source-* "$new/source"
	tree=$new/source
	logged make -C "$tree" KCONFIG_ALLCONFIG="$vm/debug.config" allnoconfig || die "no configuration: $(why)"
	all_set "$tree"
	logged make -C "$tree" -j"$(nproc)" bzImage modules || die "the debug kernel does not build: $(why)"
	release=$(make -s -C "$tree" kernelrelease)
	logged make -C "$tree" INSTALL_MOD_PATH="$new" modules_install || die "modules: $(why)"
	cp "$tree/arch/x86/boot/bzImage" "$new/vmlinuz"
	ln -sfn "$kept/kernel-debug/source" "$new/lib/modules/$release/build"
	rm -f "$new/lib/modules/$release/source"
	# Modules are built with the headers, scripts and tools alone.
	find "$tree" -name '*.[ocS]' ! -path '*/scripts/*' ! -path '*/tools/*' -delete
	rm -f "$tree/vmlinux"
	echo "$release" >"$new/release"
	in_place kernel-debug
}
