# SPDX-License-Identifier: GPL-2.0
#
# The driver in real kernels, under QEMU's software emulation; tests/vm/run says how.

VM_KERNELS := 5.10 6.1 6.12 7
VM_PROGRAMS := as heard feed look attack region event fuzz life raw exact cost uvc pty hold shown
VM_CFLAGS := -std=gnu17 -O2 -g -Wall -Wextra -Werror -D_GNU_SOURCE -Idriver/uapi -static
VM_BIN	:= build/vm/bin

# One way to build them all: they go into another machine.
$(VM_BIN)/%: tests/vm/%.c tests/vm/cam.c tests/vm/picture.c tests/vm/cam.h tests/vm/picture.h
	$(call say,VM,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(VM_CFLAGS) -o $@ $(filter %.c,$^) -pthread
$(VM_BIN)/uvc: $(addprefix tests/vm/,uvc_device.c usbip.c uvc_device.h usbip.h)
# No C library at all.
$(VM_BIN)/raw: tests/vm/raw.c
	$(call say,VM,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu17 -O2 -Wall -Wextra -Werror -static -nostdlib -ffreestanding -fno-stack-protector \
		-Idriver/uapi -o $@ $<

# The daemon and the tool as they are, with this machine's libraries: the guest's are another
# Debian's.
VM_LIVE := $(VM_BIN)/live
VM_LOADER := /host/bin/live/ld-linux-x86-64.so.2
VM_TOOLS := $(VM_BIN)/scrimd $(VM_BIN)/scrim
$(VM_BIN)/scrimd: $(DAEMON_SRC:%.c=$(O)/obj/%.o) $(O)/lib/libscrim.a
$(VM_BIN)/scrim: $(TOOL_SRC:%.c=$(O)/obj/%.o) $(O)/lib/libscrim.a
$(VM_TOOLS):
	$(call say,VM,$@)
	$(Q)mkdir -p $(VM_LIVE)
	$(Q)$(CC) $(ALL_CFLAGS) -pie -Wl,--as-needed -Wl,-z,relro,-z,now -Wl,--disable-new-dtags,-rpath,/host/bin/live \
		-Wl,--dynamic-linker,$(VM_LOADER) -o $@ $^ $(LDFLAGS) $(LIBS)
# Keepers: one with this machine's libcamera, and one with that of the guest.
VM_KEEPERS := $(VM_BIN)/keeper-here/stamp $(VM_BIN)/keeper-guest/stamp
$(VM_BIN)/keeper-here/stamp: $(O)/obj/lib/source/shim/keeper.o $(O)/lib/libscrim.a $(CAMERA_SO)
	$(call say,VM,$(@D))
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -pie -Wl,--as-needed -Wl,--disable-new-dtags,-rpath,/host/bin/live \
		-Wl,--dynamic-linker,$(VM_LOADER) -o $(@D)/$(notdir $(KEEPER)) $(filter-out %.so,$^) $(LDFLAGS) -lseccomp -ldl
	$(Q)cp $(CAMERA_SO) $(@D)/ && touch $@
$(VM_BIN)/keeper-guest/stamp: tests/vm/keeper.sh $(KEEPER) $(CAMERA_SO)
	$(call say,VM,$(@D))
	$(Q)tests/vm/keeper.sh $(VERSION) $(@D) && touch $@

$(VM_LIVE)/stamp: $(VM_TOOLS) $(CAMERA_SO) $(O)/bin/scrimd $(O)/bin/scrim $(wildcard build/share/scrim/face.onnx)
	$(Q)find $(VM_LIVE) -type f -delete
	$(Q)LD_LIBRARY_PATH= ldd $(O)/bin/scrimd $(O)/bin/scrim $(CAMERA_SO) | grep -v ':$$' | grep -o '/[^ ]*\.so[^ ]*' | sort -u | xargs cp -L -t $(VM_LIVE)
	$(Q)cp $(filter %.onnx,$^) $(VM_LIVE)/face.onnx
	$(Q)touch $@

$(VM_BIN)/cage: tests/vm/cage.c $(O)/lib/libscrim.a
$(VM_BIN)/writeback: tests/vm/writeback.c
$(VM_BIN)/cage $(VM_BIN)/writeback:
	$(call say,VM,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -pie -Wl,--as-needed -Wl,--disable-new-dtags,-rpath,/host/bin/live \
		-Wl,--dynamic-linker,$(VM_LOADER) -o $@ $^ $(LDFLAGS) $(LIBS)

VM_PHOTOS := $(VM_BIN)/photos
$(VM_PHOTOS)/640x480-1.jpg: tests/vm/photos.sh $(wildcard build/data/photos/*.jpg)
	$(call say,VM,$(VM_PHOTOS))
	$(Q)tests/vm/photos.sh build/data/photos $(VM_PHOTOS)

.PHONY: vm-programs vm-live
vm-live: all vm-programs $(VM_LIVE)/stamp $(VM_KEEPERS) $(VM_BIN)/cage $(VM_BIN)/writeback $(VM_PHOTOS)/640x480-1.jpg
vm-programs: $(VM_PROGRAMS:%=$(VM_BIN)/%)

# The shortest is what `make check` runs; the others say more, and take their time.
.PHONY: check-vm check-live check-live-kernels check-live-long check-cage-lines demo-live bench-live-driver check-kernels check-debug-kernel bench-driver setup-vm setup-live
setup-vm:
	$(Q)tests/setup/setup.sh build vm
check-vm: setup-vm	## the driver in a Linux 6.1 under QEMU
	$(Q)$(AGAIN) vm-programs
	$(Q)tests/vm/check.sh 6.1
setup-live:
	$(Q)tests/setup/setup.sh build demo vm live
check-live: setup-live	## USB camera, scrimd, driver and readers in a Linux 6.1 under QEMU
	$(Q)$(AGAIN) all vm-live
	$(Q)VM_TESTS=live tests/vm/check.sh 6.1
# Debian's kernel asks BPF programs unless its command line says otherwise.
.PHONY: check-look
check-look: setup-live	## what people are shown, and the guard of raw cameras, in a Linux 6.1
	$(Q)$(AGAIN) all vm-live
	$(Q)VM_TESTS='live-look guard' tests/vm/check.sh 6.1
	$(Q)VM_APPEND=lsm=landlock,lockdown,yama VM_TESTS=guard tests/vm/check.sh 6.1
.PHONY: check-wall
check-wall: setup-live	## cameras on a monitor, in a Linux 6.1 and a 6.12, and on its planes, in a 7
	$(Q)$(AGAIN) all vm-live
	$(Q)VM_TESTS=wall tests/vm/check.sh 6.1 6.12
	$(Q)VM_TESTS=wall-planes tests/vm/check.sh 7
check-live-kernels: setup-live	## the same in 5.10, 6.1, 6.12 and 7
	$(Q)$(AGAIN) all vm-live
	$(Q)VM_TESTS=live tests/vm/check.sh $(VM_KERNELS)
check-live-long: setup-live	## 20000 frames through all of the chain, and what memory grows by
	$(Q)$(AGAIN) all vm-live
	$(Q)tests/vm/long.sh
	$(Q)VM_TESTS=live-long VM_SECONDS=3600 tests/vm/check.sh 6.1 && cat build/vm/6.1/out/live-long.log
check-cage-lines: setup-live	## that the worker of a live camera needs each line of its cage's table
	$(Q)$(AGAIN) all vm-live
	$(Q)VM_TESTS=live-cage-lines tests/vm/check.sh 6.1
demo-live: setup-live	## what a USB camera sends and what ffmpeg gets, through all of the chain
	$(Q)$(AGAIN) all vm-live
	$(Q)mkdir -p $(DEMO)
	$(Q)VM_TESTS=live-faces tests/vm/check.sh 6.1 >$(DEMO)/live.log; ret=$$?; cat $(DEMO)/live.log; exit $$ret
	$(Q)set -- $$(sed -n 's/^  sent \(.*-2.jpg\), ffmpeg got /\1 /p' $(DEMO)/live.log) && \
		ffmpeg -v error -nostdin -y -i $$1 $(DEMO)/live-sent.png && \
		ffmpeg -v error -nostdin -y -i $$2 $(DEMO)/live-got.png
	@printf '\nLook at these:\n  what the camera sent  %s\n  what ffmpeg got       %s\n' \
		$(DEMO)/live-sent.png $(DEMO)/live-got.png
bench-live-driver: setup-live	## latency through all of the chain, and what it has in memory (not a test)
	$(Q)$(AGAIN) all vm-live
	$(Q)VM_TESTS=live-cost tests/vm/check.sh 6.1 && grep -v '^ok' build/vm/6.1/out/live-cost.log
check-kernels: setup-vm	## the same in 5.10, 6.1, 6.12 and 7
	$(Q)$(AGAIN) vm-programs
	$(Q)VM_ROUNDS=$${VM_ROUNDS:-50} VM_SECONDS_EACH=$${VM_SECONDS_EACH:-60} VM_SECONDS=$${VM_SECONDS:-3600} \
		tests/vm/check.sh $(VM_KERNELS)
check-debug-kernel:	## the same, and more of it, with the kernel's sanitizers
	$(Q)tests/setup/setup.sh build vm vm-debug
	$(Q)$(AGAIN) vm-programs
	$(Q)VM_ROUNDS=$${VM_ROUNDS:-25} VM_SECONDS_EACH=$${VM_SECONDS_EACH:-60} VM_SECONDS=$${VM_SECONDS:-7200} \
		tests/vm/check.sh debug
bench-driver: setup-vm	## what a reader costs, beside v4l2loopback (not a test)
	$(Q)$(AGAIN) vm-programs
	$(Q)tests/vm/bench.sh

.PHONY: check-packages
check-packages:	## build Debian packages; install, use and purge them in a Debian 13 under QEMU (root)
	$(Q)tests/setup/setup.sh build demo vm live packages
	$(Q)$(AGAIN) vm-live
	$(Q)tests/packages/check.sh
