# SPDX-License-Identifier: GPL-2.0
#
# The guard in the kernel.  What it needs to be built need not be there: scrim guard then says
# what was missing.

BPF_CC	?= clang
GUARD_MISSING := $(strip $(if $(shell command -v $(BPF_CC)),,$(BPF_CC)) \
	$(if $(shell PATH=$$PATH:/usr/sbin command -v bpftool),,bpftool) \
	$(if $(shell pkg-config --exists libbpf && echo yes),,libbpf-dev))
ifeq ($(GUARD_MISSING),)
LIBS	+= -lbpf
$(O)/obj/tools/guard_kernel.o: ALL_CFLAGS += -isystem $(O)/bpf
$(O)/obj/tools/guard_kernel.o: $(O)/bpf/guard.skel.h
else
$(O)/obj/tools/guard_kernel.o: ALL_CFLAGS += -DGUARD_MISSING='"there was no $(GUARD_MISSING)"'
endif

# linux/types.h is in a folder of the machine's architecture, which this target does not know.
$(O)/bpf/guard.o: tools/bpf/guard.c tools/bpf/guard.h
	$(call say,BPF,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(BPF_CC) -target bpf -O2 -g -Wall -Wextra -Werror -Wno-unused-parameter -I/usr/include/$(shell gcc -print-multiarch) \
		-c -o $@ $<
$(O)/bpf/guard.skel.h: $(O)/bpf/guard.o
	$(Q)PATH=$$PATH:/usr/sbin bpftool gen skeleton $< name guard >$@.new && mv $@.new $@
