# SPDX-License-Identifier: GPL-2.0
#
# Every verb of scrim; `make help` lists them.

VERSION	:= 0.1.0
SOVERSION := 0

ifeq ($(origin CC),default)
CC	:= gcc
endif
O	?= build
PREFIX	?= /usr/local
LIBDIR	?= $(PREFIX)/lib
DESTDIR	?=

PKGS	:= fuse3 libavformat libavcodec libavutil libswscale libpng libjpeg inih yaml-0.1 jansson libseccomp libsodium sqlite3 libarchive \
	   libv4lconvert libdrm gnutls
# Asked for when something is compiled, not by `make help` or `make setup`.
PKG_CFLAGS = $(eval PKG_CFLAGS := $(if $(packages-there),$(shell pkg-config --cflags $(PKGS)),\
	     $(error Debian packages are missing; this installs them, as root or with sudo: make setup)))$(PKG_CFLAGS)
PKG_LIBS = $(eval PKG_LIBS := $(shell pkg-config --libs $(PKGS)))$(PKG_LIBS)
packages-there = $(shell exec 2>/dev/null; pkg-config --exists $(PKGS) libcamera && \
		 $(CC) -E -include xnnpack.h -include pthreadpool.h -include libyuv.h -x c /dev/null >/dev/null && echo yes)

# Promise 1 rests on -Werror=incompatible-pointer-types.
WARN	:= -Wall -Wextra -Werror -Werror=incompatible-pointer-types -Wshadow \
	   -Wmissing-prototypes -Wstrict-prototypes -Wvla -Wno-unused-parameter
CFLAGS	?= -O2 -g
CXXFLAGS ?= -O2 -g
ALL_CFLAGS = -std=c17 -D_GNU_SOURCE -DSCRIM_VERSION='"$(VERSION)"' \
	   -DSCRIM_DATADIR='"$(PREFIX)/share/scrim"' -DSCRIM_LIBDIR='"$(LIBDIR)"' -Ilib $(WARN) \
	   -fvisibility=hidden -fPIC -fstack-protector-strong \
	   $(if $(findstring -O0,$(CFLAGS)),,-D_FORTIFY_SOURCE=2) $(PKG_CFLAGS) $(CFLAGS) $(SAN)
LIBS	= $(PKG_LIBS) -lXNNPACK -lpthreadpool -lyuv -lm
# Sanitizers for a variant of everything:
# make O=build/asan SAN='-fsanitize=address,undefined -fno-sanitize-recover=all'
SAN	?=
FUZZ_SECONDS ?= 60

LIB_SRC	:= $(wildcard lib/*.c lib/*/*.c)
DAEMON_SRC := $(wildcard tools/scrimd*.c tools/notify.c)
TOOL_SRC := $(filter-out $(DAEMON_SRC),$(wildcard tools/*.c))
TEST_SRC := $(wildcard tests/*.c)
FUZZ_SRC := $(filter-out tests/fuzz/replay.c,$(wildcard tests/fuzz/*.c))
BENCH_SRC := $(wildcard tests/bench/*.c)
LIB_OBJ	:= $(LIB_SRC:%.c=$(O)/obj/%.o)
# What scrimd loads when the camera is a video.
VIDEO_SO := $(O)/lib/scrim/video-$(VERSION).so
# Keeps a camera of libcamera, and speaks to it: the only C++.
KEEPER	:= $(O)/lib/scrim/keeper-$(VERSION)
CAMERA_SO := $(O)/lib/scrim/libcamera-$(VERSION).so
# What scrim run preloads into programs.
STAT_SO	:= $(O)/lib/scrim/stat-$(VERSION).so

# `make V=1` shows the commands.
Q	:= $(if $(V),,@)
say	= $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(2)')

.PHONY: all
all: $(O)/bin/scrim $(O)/bin/scrimd $(O)/lib/libscrim.so $(VIDEO_SO) $(STAT_SO) $(KEEPER) $(CAMERA_SO)	## build the tools and the library

$(O)/obj/%.o: %.c Makefile
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# What lib/scrim.h declares is all in api.c; lib/scrim.syms lets only that out.
$(O)/obj/lib/api.o: ALL_CFLAGS += -fvisibility=default
# XNNPACK of Debian 13 would have newer names for what Debian 12 has.
$(O)/obj/lib/detect/net.o: ALL_CFLAGS += -Wno-deprecated-declarations
# Loops over pixels: at -O2 gcc leaves some of them to one pixel at a time.
$(O)/obj/lib/detect/input.o: CFLAGS += -O3

# Where the library looks for the face model and for its parts depends on these.
$(O)/obj/lib/policy/open.o $(O)/obj/lib/module.o: $(O)/prefix
$(O)/prefix: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(PREFIX) $(LIBDIR)' | cmp -s - $@ || echo '$(PREFIX) $(LIBDIR)' >$@
FORCE:

$(O)/lib/libscrim.a: $(LIB_OBJ)
	$(call say,AR,$@)
	$(Q)mkdir -p $(@D) && rm -f $@
	$(Q)ar rcs $@ $^

$(O)/lib/libscrim.so.$(SOVERSION): $(LIB_OBJ) lib/scrim.syms
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -shared -Wl,-soname,$(@F) -Wl,--version-script=lib/scrim.syms \
		-Wl,--as-needed -Wl,-z,relro,-z,now,-z,defs -o $@ $(LIB_OBJ) $(LDFLAGS) $(LIBS)

$(O)/lib/libscrim.so: $(O)/lib/libscrim.so.$(SOVERSION)
	$(Q)ln -sf $(<F) $@

# The libraries of videos are many, and a camera needs none of them.
$(VIDEO_SO): $(O)/obj/lib/source/shim/video.o $(O)/lib/libscrim.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -shared -Wl,--exclude-libs,ALL -Wl,--as-needed -Wl,-z,relro,-z,now \
		-o $@ $^ $(LDFLAGS) $(LIBS)

# libscrim does not link libcamera: a keeper loads this, and nothing else does.
CXX_FLAGS = -std=c++17 -D_GNU_SOURCE -Ilib -Wall -Wextra -Werror -Wshadow -fvisibility=hidden -fPIC \
	   -fstack-protector-strong $(if $(findstring -O0,$(CXXFLAGS)),,-D_FORTIFY_SOURCE=2) \
	   $(shell pkg-config --cflags libcamera) $(CXXFLAGS)
$(O)/obj/%.o: %.cpp Makefile
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CXX) $(CXX_FLAGS) -MMD -MP -c -o $@ $<
$(CAMERA_SO): $(O)/obj/lib/source/shim/libcamera.o lib/source/shim/libcamera.syms
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CXX) -shared -Wl,--as-needed -Wl,-z,relro,-z,now,-z,defs \
		-Wl,--version-script=lib/source/shim/libcamera.syms -o $@ $< $(LDFLAGS) $(shell pkg-config --libs libcamera)
$(KEEPER): $(O)/obj/lib/source/shim/keeper.o $(O)/lib/libscrim.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -pie -Wl,--as-needed -Wl,-z,relro,-z,now -o $@ $^ $(LDFLAGS) -lseccomp -ldl

# Programs of any C library load it: it is linked to none.
$(O)/obj/lib/wrap/shim/stat.o: CFLAGS += -U_FORTIFY_SOURCE
$(O)/obj/lib/wrap/shim/stat.o: SAN =
$(STAT_SO): $(O)/obj/lib/wrap/shim/stat.o
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -shared -nostdlib -Wl,-z,relro -o $@ $^

$(O)/bin/scrim: $(TOOL_SRC:%.c=$(O)/obj/%.o) $(O)/lib/libscrim.a
$(O)/bin/scrimd: $(DAEMON_SRC:%.c=$(O)/obj/%.o) $(O)/lib/libscrim.a
$(O)/bin/scrim $(O)/bin/scrimd:
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -pie -Wl,--as-needed -Wl,-z,relro,-z,now -o $@ $^ $(LDFLAGS) $(LIBS)

# Unit tests: one program, suites in the order of a frame's way.
WRAP	:= malloc calloc realloc aligned_alloc policy_read policies_read v4l2_call v4l2_map v4l2_unmap v4l2_memory_is_plain
$(O)/tests/check: $(TEST_SRC:%.c=$(O)/obj/%.o) $(O)/lib/libscrim.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(WRAP:%=-Wl,--wrap=%) -Wl,--as-needed -o $@ $^ $(LDFLAGS) $(LIBS) $(shell pkg-config --libs check)

# A keeper with a camera of the tests' own.
TEST_KEEPER := $(O)/tests/keeper/$(notdir $(KEEPER))
$(TEST_KEEPER): $(KEEPER) $(O)/obj/tests/keeper/shim.o
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -shared -o $(@D)/$(notdir $(CAMERA_SO)) $(O)/obj/tests/keeper/shim.o
	$(Q)cp $< $@

# Facts about consent, a line each: tests/consent/facts.sh.
$(O)/tests/facts: $(O)/obj/tests/consent/facts.o $(O)/obj/tests/consent/donor.o $(O)/obj/tests/consent_case.o $(O)/lib/libscrim.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Wl,--as-needed -o $@ $^ $(LDFLAGS) $(LIBS)

# Writes the ledger of exports for scripts.
$(O)/tests/books: $(O)/obj/tests/consent/books.o $(O)/lib/libscrim.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Wl,--as-needed -o $@ $^ $(LDFLAGS) $(LIBS)

# Fuzz targets, each twice: for libFuzzer (clang), and as a player of its corpus.
FUZZ	:= $(notdir $(FUZZ_SRC:.c=))
$(O)/fuzz/item $(O)/fuzz/item-replay: $(O)/obj/tests/consent_case.o
$(FUZZ:%=$(O)/fuzz/%-replay): $(O)/fuzz/%-replay: $(O)/obj/tests/fuzz/%.o $(O)/obj/tests/fuzz/replay.o $(O)/lib/libscrim.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Wl,--as-needed -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LDFLAGS) $(LIBS)
$(FUZZ:%=$(O)/fuzz/%): $(O)/fuzz/%: $(O)/obj/tests/fuzz/%.o $(O)/lib/libscrim.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer -Wl,--as-needed -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LDFLAGS) $(LIBS)

# Benchmarks: a program each.
$(BENCH_SRC:tests/bench/%.c=$(O)/bench/%): $(O)/bench/%: $(O)/obj/tests/bench/%.o $(O)/lib/libscrim.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Wl,--as-needed -o $@ $^ $(LDFLAGS) $(LIBS)

# It looks at all memory that could hold a picture.
$(O)/bench/copies: LDFLAGS += $(patsubst %,-Wl$(comma)--wrap=%,malloc calloc aligned_alloc v4l2_call v4l2_map v4l2_unmap v4l2_memory_is_plain)
comma	:= ,

# What the runner of tests and the verbs below build, in whatever variant.
.PHONY: unit replays fuzzers benches flags
unit: $(O)/tests/check $(TEST_KEEPER) $(O)/tests/facts $(O)/tests/books $(VIDEO_SO) $(STAT_SO) $(KEEPER) $(CAMERA_SO)
replays: $(FUZZ:%=$(O)/fuzz/%-replay)
fuzzers: $(FUZZ:%=$(O)/fuzz/%)
benches: $(BENCH_SRC:tests/bench/%.c=$(O)/bench/%)
flags:
	@echo '$(ALL_CFLAGS)'

# Packages and files from outside; tests/setup says which and why.
.PHONY: setup setup-demo setup-check setup-bench setup-lint
setup:	## what building needs: Debian packages, the face model (root or sudo)
	$(Q)tests/setup/setup.sh build
setup-demo:	## the same and what the demo needs
	$(Q)tests/setup/setup.sh build demo
setup-check:	## the same and what the tests need
	$(Q)tests/setup/setup.sh build demo check
setup-bench:	## the same and the peers of the benchmarks
	$(Q)tests/setup/setup.sh build demo check bench
setup-lint:
	$(Q)tests/setup/setup.sh build lint

# Set-up comes first, so these call make again for what they need built.
AGAIN	= $(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))
DEMO	:= $(CURDIR)/build/demo

.PHONY: demo
demo: setup-demo	## set up, build, cover faces in photos and a clip, and give clips away
	+$(Q)$(AGAIN) all
	$(Q)rm -rf $(DEMO) && mkdir -p $(DEMO)
	$(O)/bin/scrim redact build/data/photos -o $(DEMO)/photos --sheet $(DEMO)/sheet.png
	$(O)/bin/scrim redact build/data/vtest.avi -o $(DEMO)/vtest.mp4
	tests/demo.sh $(DEMO)/consent
	@printf '\nLook at these:\n  before and after  %s\n  photos            %s\n  video             %s\n' \
		$(DEMO)/sheet.png $(DEMO)/photos $(DEMO)/vtest.mp4
	@printf '  what left         %s\n  and who agreed    %s\n' \
		$(DEMO)/consent/before-and-after.png $(DEMO)/consent/received/manifest.json

.PHONY: check
check: setup-check	## set up, build and run every test; the totals come last
	$(Q)V=$(V) tests/run.sh

.PHONY: check-consent
check-consent: setup-check	## what of consent is shown, fact by fact
	+$(Q)$(AGAIN) all $(O)/tests/facts $(O)/tests/books
	$(Q)tests/consent/table.sh

.PHONY: fuzz
fuzz: setup-check	## run each fuzz target for FUZZ_SECONDS (60)
	+$(Q)$(AGAIN) O=build/libfuzzer CC=clang \
		SAN='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' fuzzers
	$(Q)set -e; for name in $(FUZZ); do \
		echo "$$name: $(FUZZ_SECONDS) s"; mkdir -p build/fuzzed/$$name; \
		build/libfuzzer/fuzz/$$name -max_total_time=$(FUZZ_SECONDS) -timeout=10 -print_final_stats=1 \
			-artifact_prefix=build/fuzzed/$$name- build/fuzzed/$$name tests/fuzz/corpus/$$name \
			2>build/fuzzed/$$name.log || { tail -n 40 build/fuzzed/$$name.log; exit 1; }; \
		tail -n 8 build/fuzzed/$$name.log | sed -n 's/^stat::number_of_executed_units: */  runs: /p'; \
	done

.PHONY: fuzz-stream
fuzz-stream: setup-check	## play recorded cameras with mistakes to scrimd for FUZZ_SECONDS (600); FUZZ_SEED of a run before
	+$(Q)$(AGAIN) all
	$(Q)FUZZ_SECONDS=$(if $(filter file,$(origin FUZZ_SECONDS)),600,$(FUZZ_SECONDS)) SCRIM=$(O)/bin/scrim SCRIMD=$(O)/bin/scrimd \
		tests/run/network_fuzz.sh

.PHONY: bench
bench: setup-bench	## cost and accuracy, as ratios to others (not a test)
	+$(Q)$(AGAIN) all benches $(VM_BIN)/look
	$(Q)tests/bench.sh $(BENCH)

.PHONY: bench-live
bench-live: setup-bench	## what a live frame costs, stage by stage, its latency, and what the daemon takes
	+$(Q)$(AGAIN) all benches $(VM_BIN)/look
	$(Q)tests/bench.sh live copies latency daemon

.PHONY: bench-rtsp
bench-rtsp: setup-bench	## what a camera by RTSP costs, beside ffmpeg: processor time, memory, latency
	+$(Q)$(AGAIN) all benches
	$(Q)tests/bench.sh rtsp

.PHONY: bench-run
bench-run: setup-bench	## what scrim run costs the program that it starts, beside what it may
	+$(Q)$(AGAIN) all benches
	$(Q)tests/bench.sh run

.PHONY: bench-ledger
bench-ledger: setup-bench	## what the ledger of exports costs, with 201531 entries of one donor
	+$(Q)$(AGAIN) benches
	$(Q)tests/bench.sh ledger

.PHONY: lint
lint: setup-lint	## what cppcheck, gcc -fanalyzer and shellcheck suspect
	-$(Q)cppcheck --quiet --std=c11 --enable=warning,portability --inline-suppr \
		--suppress=missingIncludeSystem --suppress=internalAstError -D_GNU_SOURCE -Ilib lib tools
	-+$(Q)$(AGAIN) O=build/analyzer SAN='-fanalyzer -Wno-error' all
	$(Q)shellcheck -x -S warning .ci/run $(wildcard tests/*.sh tests/*/*.sh)

.PHONY: style
style:	## what house style a script can check
	$(Q)tests/run/style.sh

include tools/bpf/bpf.mk
include driver/driver.mk
include tests/vm/vm.mk

# Installation.  The static library stays here: its names are not all scrim_*.
INSTALL	:= install -m 644 -D -t
MAN1	:= $(wildcard tools/*.1)
MAN5	:= $(wildcard tools/*.5)
MAN7	:= $(wildcard tools/*.7)
MAN8	:= $(wildcard tools/*.8)
MAN3	:= $(wildcard lib/*.3)
BASHCOMP := $(wildcard tools/scrim.bash)
MODEL	:= $(wildcard build/share/scrim/face.onnx)
TO	= $(DESTDIR)$(PREFIX)

.PHONY: install
install: all	## to PREFIX (/usr/local), below DESTDIR
	install -d $(DESTDIR)$(LIBDIR)/pkgconfig
	install -m 755 -D -t $(TO)/bin $(O)/bin/scrim
	install -m 755 -D -t $(TO)/sbin $(O)/bin/scrimd
	$(INSTALL) $(DESTDIR)$(LIBDIR)/scrim $(VIDEO_SO) $(STAT_SO) $(CAMERA_SO)
	install -m 755 -D -t $(DESTDIR)$(LIBDIR)/scrim $(KEEPER)
	$(INSTALL) $(DESTDIR)$(LIBDIR) $(O)/lib/libscrim.so.$(SOVERSION)
	ln -sf libscrim.so.$(SOVERSION) $(DESTDIR)$(LIBDIR)/libscrim.so
	$(INSTALL) $(TO)/include lib/scrim.h
	sed 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@VERSION@|$(VERSION)|' lib/scrim.pc.in \
		>$(DESTDIR)$(LIBDIR)/pkgconfig/scrim.pc
	$(if $(MAN1),$(INSTALL) $(TO)/share/man/man1 $(MAN1))
	$(if $(MAN3),$(INSTALL) $(TO)/share/man/man3 $(MAN3))
	$(if $(MAN5),$(INSTALL) $(TO)/share/man/man5 $(MAN5))
	$(if $(MAN7),$(INSTALL) $(TO)/share/man/man7 $(MAN7))
	$(if $(MAN8),$(INSTALL) $(TO)/share/man/man8 $(MAN8))
	$(if $(BASHCOMP),install -m 644 -D $(BASHCOMP) $(TO)/share/bash-completion/completions/scrim)
	$(if $(MODEL),$(INSTALL) $(TO)/share/scrim $(MODEL),@echo 'no face model: make setup, then make install')
	$(if $(DESTDIR),,-ldconfig)

# Apart, since it takes cameras away from everybody else.
SYSTEM	= $(DESTDIR)/usr/lib
UNITDIR	?= /usr/lib/systemd/system
UNITS	:= $(notdir $(wildcard tools/system/*.service tools/system/*.path))
RULES	:= $(notdir $(wildcard tools/system/*.rules))
.PHONY: install-service uninstall-service
install-service: install	## a service for each camera, and raw cameras for nobody else
	install -d $(DESTDIR)$(UNITDIR)
	for unit in $(UNITS); do \
		sed 's|@PREFIX@|$(PREFIX)|' tools/system/$$unit >$(DESTDIR)$(UNITDIR)/$$unit || exit; done
	install -m 755 -D -t $(TO)/libexec/scrim tools/system/scrim-cameras
	install -m 644 -D tools/system/scrim.sysusers $(SYSTEM)/sysusers.d/scrim.conf
	install -m 644 -D tools/system/scrim.tmpfiles $(SYSTEM)/tmpfiles.d/scrim.conf
	install -m 644 -D tools/system/scrim.logrotate $(DESTDIR)/etc/logrotate.d/scrim
	$(INSTALL) $(SYSTEM)/udev/rules.d $(RULES:%=tools/system/%)
	$(if $(DESTDIR),,-systemd-sysusers && systemd-tmpfiles --create scrim.conf && udevadm control --reload)
	$(if $(DESTDIR),,-systemctl daemon-reload && systemctl enable --now scrim-cameras.path scrim-cameras.service)
uninstall-service:	## take away what install-service put there
	$(if $(DESTDIR),,-systemctl disable --now scrim-cameras.path scrim-cameras.service)
	rm -f $(UNITS:%=$(DESTDIR)$(UNITDIR)/%) $(RULES:%=$(SYSTEM)/udev/rules.d/%) \
		$(SYSTEM)/sysusers.d/scrim.conf $(SYSTEM)/tmpfiles.d/scrim.conf $(TO)/libexec/scrim/scrim-cameras \
		$(DESTDIR)/etc/logrotate.d/scrim

# What sessions and other services are told of cameras.
WIREPLUMBER = $(DESTDIR)/usr/share/wireplumber
.PHONY: install-session uninstall-session
install-service: install-session
install-session:
	$(INSTALL) $(WIREPLUMBER)/main.lua.d tools/system/wireplumber/51-scrim-raw.lua
	$(INSTALL) $(WIREPLUMBER)/wireplumber.conf.d tools/system/wireplumber/51-scrim-raw.conf
	$(INSTALL) $(TO)/share/doc/scrim/examples tools/system/consumer.conf
	install -d $(SYSTEM)/udev/rules.d
	sed 's|@PREFIX@|$(PREFIX)|' tools/system/73-scrim-guard.rules.in >$(SYSTEM)/udev/rules.d/73-scrim-guard.rules
uninstall-service: uninstall-session
uninstall-session:
	rm -f $(WIREPLUMBER)/main.lua.d/51-scrim-raw.lua $(WIREPLUMBER)/wireplumber.conf.d/51-scrim-raw.conf \
		$(TO)/share/doc/scrim/examples/consumer.conf \
		$(SYSTEM)/udev/rules.d/73-scrim-guard.rules

.PHONY: uninstall
uninstall:	## take away what install put there
	rm -f $(TO)/bin/scrim $(TO)/sbin/scrimd $(TO)/include/scrim.h $(DESTDIR)$(LIBDIR)/pkgconfig/scrim.pc \
		$(DESTDIR)$(LIBDIR)/libscrim.so $(DESTDIR)$(LIBDIR)/libscrim.so.$(SOVERSION) \
		$(patsubst %,$(DESTDIR)$(LIBDIR)/scrim/%,$(notdir $(VIDEO_SO) $(STAT_SO) $(CAMERA_SO) $(KEEPER))) \
		$(MAN1:tools/%=$(TO)/share/man/man1/%) $(MAN3:lib/%=$(TO)/share/man/man3/%) \
		$(MAN5:tools/%=$(TO)/share/man/man5/%) $(MAN7:tools/%=$(TO)/share/man/man7/%) \
		$(MAN8:tools/%=$(TO)/share/man/man8/%) \
		$(TO)/share/bash-completion/completions/scrim $(TO)/share/scrim/face.onnx
	[ ! -d $(TO)/share/scrim ] || rmdir $(TO)/share/scrim
	[ ! -d $(DESTDIR)$(LIBDIR)/scrim ] || rmdir $(DESTDIR)$(LIBDIR)/scrim

.PHONY: clean distclean
clean:	## remove what was built, keep what was fetched
	rm -rf $(addprefix build/,obj bin lib tests fuzz bench demo asan clang libfuzzer analyzer)
distclean:	## remove both
	rm -rf build

.PHONY: help
help:	## this list
	@echo 'Start with: make demo'
	@awk -F'\t## ' '/^[a-z-]+:.*\t## /{split($$1, n, ":"); printf "  make %-18s %s\n", n[1], $$2}' $(MAKEFILE_LIST)

-include $(shell find $(O)/obj -name '*.d' 2>/dev/null)
