# SPDX-License-Identifier: GPL-2.0
#
# The driver in real kernels, under QEMU's software emulation; tests/vm/run says how.

VM_KERNELS := 5.10 6.1 6.12 7
VM_PROGRAMS := feed look attack region event fuzz life raw exact cost
VM_CFLAGS := -std=gnu17 -O2 -g -Wall -Wextra -Werror -D_GNU_SOURCE -Idriver/uapi -static
VM_BIN	:= build/vm/bin

# One way to build them all: they go into another machine.
$(VM_BIN)/%: tests/vm/%.c tests/vm/cam.c tests/vm/picture.c tests/vm/cam.h tests/vm/picture.h
	$(call say,VM,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(VM_CFLAGS) -o $@ $(filter %.c,$^) -pthread
# No C library at all.
$(VM_BIN)/raw: tests/vm/raw.c
	$(call say,VM,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu17 -O2 -Wall -Wextra -Werror -static -nostdlib -ffreestanding -fno-stack-protector \
		-Idriver/uapi -o $@ $<

.PHONY: vm-programs
vm-programs: $(VM_PROGRAMS:%=$(VM_BIN)/%)

# The shortest is what `make check` runs; the others say more, and take their time.
.PHONY: check-vm check-kernels check-debug-kernel bench-driver setup-vm
setup-vm:
	$(Q)tests/setup/setup.sh build vm
check-vm: setup-vm	## the driver in a Linux 6.1 under QEMU
	$(Q)$(AGAIN) vm-programs
	$(Q)tests/vm/check.sh 6.1
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
