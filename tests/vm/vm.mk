# SPDX-License-Identifier: GPL-2.0
#
# The driver in real kernels, under QEMU's software emulation; tests/vm/run says how.

VM_KERNELS := 5.10 6.1 6.12 7
VM_PROGRAMS := as heard feed look attack region event fuzz life raw exact cost uvc
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

# The daemon as it is, with this machine's libraries: the guest's are another Debian's.
VM_LIVE := $(VM_BIN)/live
VM_LOADER := /host/bin/live/ld-linux-x86-64.so.2
$(VM_BIN)/scrimd: $(DAEMON_SRC:%.c=$(O)/obj/%.o) $(O)/lib/libscrim.a $(wildcard build/share/scrim/face.onnx build/data/photos/sample1.jpg)
	$(call say,VM,$@)
	$(Q)rm -rf $(VM_LIVE) && mkdir -p $(VM_LIVE)
	$(Q)$(CC) $(ALL_CFLAGS) -pie -Wl,--as-needed -Wl,-z,relro,-z,now -o $@ $(filter %.o %.a,$^) $(LDFLAGS) $(LIBS)
	$(Q)ldd $@ | grep -o '/[^ ]*' | xargs cp -L -t $(VM_LIVE)
	$(Q)$(CC) $(ALL_CFLAGS) -pie -Wl,--as-needed -Wl,-z,relro,-z,now -Wl,--disable-new-dtags,-rpath,/host/bin/live \
		-Wl,--dynamic-linker,$(VM_LOADER) -o $@ $(filter %.o %.a,$^) $(LDFLAGS) $(LIBS)
	$(Q)cp $(filter %.onnx,$^) $(VM_LIVE)/face.onnx && cp $(filter %.jpg,$^) $(VM_LIVE)/faces.jpg

.PHONY: vm-programs vm-live
vm-live: vm-programs $(VM_BIN)/scrimd
vm-programs: $(VM_PROGRAMS:%=$(VM_BIN)/%)

# The shortest is what `make check` runs; the others say more, and take their time.
.PHONY: check-vm check-live demo-live check-kernels check-debug-kernel bench-driver setup-vm
setup-vm:
	$(Q)tests/setup/setup.sh build vm
check-vm: setup-vm	## the driver in a Linux 6.1 under QEMU
	$(Q)$(AGAIN) vm-programs
	$(Q)tests/vm/check.sh 6.1
check-live: setup-vm	## camera, scrimd, driver and readers in a Linux 6.1 under QEMU
	$(Q)$(AGAIN) all vm-live
	$(Q)VM_TESTS='live-chain live-regions live-hours live-camera live-faces' tests/vm/check.sh 6.1
demo-live: setup-vm setup-demo	## what a camera sees and what a reader of it gets, through all of the chain
	$(Q)$(AGAIN) all vm-live
	$(Q)VM_TESTS=live-faces tests/vm/check.sh 6.1
	$(Q)mkdir -p $(DEMO) && for name in camera reader; do \
		ffmpeg -v error -nostdin -y -f rawvideo -pix_fmt yuyv422 -s 640x360 \
			-i build/vm/6.1/out/live-$$name.raw -frames:v 1 $(DEMO)/live-$$name.png || exit; done
	@printf '\nLook at these:\n  what the camera sent  %s\n  what a reader got     %s\n' \
		$(DEMO)/live-camera.png $(DEMO)/live-reader.png
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
