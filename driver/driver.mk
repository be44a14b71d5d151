# SPDX-License-Identifier: GPL-2.0
#
# The kernel module: `make driver` for the kernel that runs, `make driver KDIR=...
# W=1` for another.  It is built in a copy, so that the sources stay clean.

KDIR	?= /lib/modules/$(shell uname -r)/build
KCC	?=
DRIVER	:= $(wildcard Kbuild driver/Kbuild driver/*.[ch] driver/uapi/linux/*.h)
# Variables of this make are not for the kernel's: O and CC mean other things there.
KBUILD	= env -u MAKEFLAGS -u MFLAGS -u MAKEOVERRIDES make --no-print-directory -C $(KDIR) \
	  M=$(abspath $(O))/driver $(if $(W),W=$(W)) $(if $(KCC),CC=$(KCC)) $(if $(V),V=$(V))
KRELEASE = $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' $(KDIR)/include/generated/utsrelease.h)

.PHONY: driver install-driver install-dkms uninstall-driver
driver:	## the kernel module, for the headers in KDIR
	$(Q)[ -e $(KDIR)/Makefile ] || { echo 'no kernel headers in $(KDIR): install linux-headers-amd64, or set KDIR' >&2; exit 1; }
	$(Q)mkdir -p $(O)/driver && cp -u --preserve=timestamps --parents $(DRIVER) $(O)/driver
	$(Q)$(KBUILD) modules
	@echo '$(O)/driver/driver/scrim.ko'

DRIVER_FILES = $(INSTALL) $(DESTDIR)/usr/lib/udev/rules.d driver/71-scrim.rules && \
	$(INSTALL) $(TO)/include/linux driver/uapi/linux/scrim.h && \
	$(INSTALL) $(TO)/share/man/man4 driver/scrim.4 && \
	$(INSTALL) $(TO)/share/doc/scrim/examples driver/modules-load.conf

install-driver: driver	## put it where modprobe finds it, below DESTDIR
	$(INSTALL) $(DESTDIR)/lib/modules/$(KRELEASE)/updates $(O)/driver/driver/scrim.ko
	$(DRIVER_FILES)
	$(if $(DESTDIR),,depmod $(KRELEASE))
	$(if $(DESTDIR),,-udevadm control --reload)

install-dkms:	## its sources for DKMS, which builds it for each new kernel
	mkdir -p $(DESTDIR)/usr/src/scrim-$(VERSION)
	cp --parents dkms.conf $(DRIVER) $(DESTDIR)/usr/src/scrim-$(VERSION)
	$(DRIVER_FILES)
	$(if $(DESTDIR),,dkms install scrim/$(VERSION))

uninstall-driver:	## take away what these put there
	rm -f $(DESTDIR)/lib/modules/$(KRELEASE)/updates/scrim.ko $(TO)/include/linux/scrim.h \
		$(DESTDIR)/usr/lib/udev/rules.d/71-scrim.rules $(TO)/share/man/man4/scrim.4 \
		$(TO)/share/doc/scrim/examples/modules-load.conf
	$(if $(DESTDIR),,-[ ! -d /usr/src/scrim-$(VERSION) ] || dkms remove scrim/$(VERSION) --all)
	rm -rf $(DESTDIR)/usr/src/scrim-$(VERSION)

.PHONY: clean-driver
clean: clean-driver
clean-driver:
	rm -rf $(O)/driver
