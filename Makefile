# SPDX-License-Identifier: GPL-2.0
#
# Every verb of scrim; `make help` lists them.

VERSION	:= 0.1.0
SOVERSION := 0

CC	?= gcc
O	?= build
PREFIX	?= /usr/local
LIBDIR	?= $(PREFIX)/lib
DESTDIR	?=

PKGS	:= libavformat libavcodec libavutil libswscale libpng libjpeg inih jansson libseccomp
# Asked for when something is compiled, not by `make help` or `make setup`.
PKG_CFLAGS = $(eval PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS = $(eval PKG_LIBS := $(shell pkg-config --libs $(PKGS)))$(PKG_LIBS)

# Promise 1 rests on -Werror=incompatible-pointer-types.
WARN	:= -Wall -Wextra -Werror -Werror=incompatible-pointer-types -Wshadow \
	   -Wmissing-prototypes -Wstrict-prototypes -Wvla -Wno-unused-parameter
CFLAGS	?= -O2 -g
ALL_CFLAGS = -std=c17 -D_GNU_SOURCE -DSCRIM_VERSION='"$(VERSION)"' \
	   -DSCRIM_DATADIR='"$(PREFIX)/share/scrim"' -Ilib $(WARN) \
	   -fvisibility=hidden -fPIC -fstack-protector-strong \
	   $(if $(findstring -O0,$(CFLAGS)),,-D_FORTIFY_SOURCE=2) $(PKG_CFLAGS) $(CFLAGS) $(SAN)
LIBS	= $(PKG_LIBS) -lXNNPACK -lpthreadpool -lyuv -lm
# Sanitizers for a variant of everything: make O=build/asan SAN=-fsanitize=address,undefined
SAN	?=

LIB_SRC	:= $(wildcard lib/*.c lib/*/*.c)
TOOL_SRC := $(wildcard tools/*.c)
TEST_SRC := $(wildcard tests/*.c)
FUZZ_SRC := $(filter-out tests/fuzz/replay.c,$(wildcard tests/fuzz/*.c))
BENCH_SRC := $(wildcard tests/bench/*.c)
LIB_OBJ	:= $(LIB_SRC:%.c=$(O)/obj/%.o)

# `make V=1` shows the commands.
Q	:= $(if $(V),,@)
say	= $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(2)')

.PHONY: all
all: $(O)/bin/scrim $(O)/lib/libscrim.so	## build the tool and the library

$(O)/obj/%.o: %.c Makefile
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

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

$(O)/bin/scrim: $(TOOL_SRC:%.c=$(O)/obj/%.o) $(O)/lib/libscrim.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -pie -Wl,--as-needed -Wl,-z,relro,-z,now -o $@ $^ $(LDFLAGS) $(LIBS)

# Unit tests: one program, suites in the order of a frame's way.
WRAP	:= -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=aligned_alloc
$(O)/tests/check: $(TEST_SRC:%.c=$(O)/obj/%.o) $(O)/lib/libscrim.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(WRAP) -Wl,--as-needed -o $@ $^ $(LDFLAGS) $(LIBS) $(shell pkg-config --libs check)

# Fuzz targets, each twice: for libFuzzer (clang), and as a player of its corpus.
FUZZ	:= $(notdir $(FUZZ_SRC:.c=))
$(FUZZ:%=$(O)/fuzz/%-replay): $(O)/fuzz/%-replay: $(O)/obj/tests/fuzz/%.o $(O)/obj/tests/fuzz/replay.o $(O)/lib/libscrim.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Wl,--as-needed -o $@ $^ $(LDFLAGS) $(LIBS)
$(FUZZ:%=$(O)/fuzz/%): $(O)/fuzz/%: $(O)/obj/tests/fuzz/%.o $(O)/lib/libscrim.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer -Wl,--as-needed -o $@ $^ $(LDFLAGS) $(LIBS)

# Benchmarks: a program each.
$(BENCH_SRC:tests/bench/%.c=$(O)/bench/%): $(O)/bench/%: $(O)/obj/tests/bench/%.o $(O)/lib/libscrim.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Wl,--as-needed -o $@ $^ $(LDFLAGS) $(LIBS)

.PHONY: clean
clean:	## remove what was built, keep what was fetched
	rm -rf $(O)/obj $(O)/bin $(O)/lib $(O)/tests $(O)/fuzz $(O)/bench build/asan build/clang build/libfuzzer

.PHONY: help
help:	## this list
	@awk -F'\t## ' '/^[a-z-]+:.*\t## /{split($$1, n, ":"); printf "  make %-12s %s\n", n[1], $$2}' $(MAKEFILE_LIST)

-include $(shell find $(O)/obj -name '*.d' 2>/dev/null)
