# SPDX-License-Identifier: ISC
# One makefile for everything; all output goes to $(B).
#
#   make            the programs, in $(B)/bin
#   make demo       a whole conversation, from nothing to an erasure
#   make check      every test      SAN=1: under ASan and UBSan
#   make check-unit the unit tests and vectors alone; so do check-e2e,
#                   check-layers and check-docs with the rest
#   make fuzz       FUZZ_SECONDS for each fuzz target
#   make bench      the goals of speed, beside nginx and the disk
#   make install    DESTDIR and PREFIX as usual
#   make clean      distclean takes build/deps, too
#   V=1 shows the commands.  CC, CFLAGS, LDFLAGS are yours.

.SUFFIXES:
.DELETE_ON_ERROR:
.PHONY: all programs check check-unit check-layers check-docs check-e2e \
	replay demo bench fuzz install clean distclean deps units

PREFIX	?= /usr/local
SAN	?= 0
B	?= $(if $(filter 1,$(SAN)),build/san,build)
ECR_DEPS ?= build/deps
VECTORS	?= ../shared/vectors
FUZZ_SECONDS ?= 20
V	?= 0
Q	:= $(if $(filter 1,$(V)),,@)
say	= $(if $(filter 1,$(V)),,@printf '  %-7s %s\n' '$(1)' '$(2)')

# --- what we link with -------------------------------------------------
export PKG_CONFIG_PATH := $(abspath $(ECR_DEPS))/libsodium/lib/pkgconfig:$(PKG_CONFIG_PATH)
# Make before 4.4 does not export to $(shell): say the path there, too.
pkg	= $(shell PKG_CONFIG_PATH="$(PKG_CONFIG_PATH)" pkg-config --silence-errors $(1) $(2))
SODIUM_C := $(call pkg,--cflags,libsodium)
SODIUM_L := $(call pkg,--libs,libsodium)
CRYPTO_L := $(SODIUM_L) -lcrypto
SERVER_L := -levent_core -lssl -llmdb -lseccomp
COMMON_L := -ljansson
NET_L	:= -lcurl
DESK_L	:= -llmdb
TEST_L	:= -lcriterion

# --- flags --------------------------------------------------------------
WARN := -std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion \
	-Wshadow -Wvla -Wundef -Wstrict-prototypes -Wmissing-prototypes \
	-Wcast-qual -Wwrite-strings -Wformat=2
HARD := -fstack-protector-strong -fstack-clash-protection \
	-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fPIE
LINK := -pie -Wl,-z,relro,-z,now,-z,noexecstack
ifeq ($(shell uname -m),x86_64)
HARD += -fcf-protection
endif
CFLAGS	?= -O2 -g
ifeq ($(SAN),1)
HARD := -fstack-protector-strong -fPIE -fno-omit-frame-pointer \
	-fsanitize=address,undefined -fno-sanitize-recover=all
LINK := -pie -fsanitize=address,undefined
endif
# crypto/ is bare C11; everything else may ask the system.
DEFS	= $(if $(filter crypto/%,$<),,-D_GNU_SOURCE)
COMPILE	= $(CC) $(WARN) $(HARD) $(DEFS) -iquote . -iquote $(B)/gen \
	  -MMD -MP $(SODIUM_C) $(CPPFLAGS) $(CFLAGS) $(FUZZFLAGS)

# --- sources --------------------------------------------------------------
src	= $(wildcard $(1)/*.c)
obj	= $(patsubst %.c,$(B)/%.o,$(1))
nomain	= $(filter-out %/main.o,$(1))
CRYPTO_O := $(call obj,$(call src,crypto)) $(B)/gen/words.o
SERVER_O := $(call obj,$(call src,server))
COMMON_O := $(call obj,$(call src,client/common))
REPORT_O := $(call obj,$(call src,client/report))
COURIER_O := $(call obj,$(call src,client/courier))
AUDIT_O	:= $(call obj,$(call src,client/audit))
DESK_O	:= $(call obj,$(call src,client/desk))
UNIT	:= $(patsubst tests/unit/%.c,$(B)/tests/%,$(wildcard tests/unit/test_*.c))
HELP_O	:= $(call obj,$(filter-out $(wildcard tests/unit/test_*.c),$(call src,tests/unit)))
FUZZ	:= $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
BENCH	:= $(patsubst tests/bench/%.c,$(B)/bench/%,$(wildcard tests/bench/bench_*.c))
BENCH_O	:= $(call obj,$(filter-out $(wildcard tests/bench/bench_*.c),$(call src,tests/bench)))
E2E	:= $(sort $(wildcard tests/e2e/[0-9]*.sh))
E2E_BIN	:= $(patsubst tests/e2e/%.c,$(B)/e2e/%,$(wildcard tests/e2e/*.c)) \
	$(B)/e2e/ecrdropd-taken
PRELOAD	:= $(patsubst tests/preload/%.c,$(B)/preload/%.so,$(wildcard tests/preload/*.c))
BIN	:= $(addprefix $(B)/bin/,ecrdropd ecrdrop ecrcourier ecrdesk ecraudit)
MAN	:= $(wildcard docs/man/*.[1-8])
ALL_O	= $(CRYPTO_O) $(SERVER_O) $(COMMON_O) $(REPORT_O) $(COURIER_O) $(AUDIT_O) $(DESK_O)

all: programs
programs: $(BIN)

# Where something is missing, tools/deps says what it does about it.
deps:
	$(Q)tools/deps

$(B)/%.o: %.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(COMPILE) -c -o $@ $<

# The codename's words become an array; the list itself is the source.
$(B)/gen/words.c: crypto/words.txt
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D) && { \
	  echo '#include "crypto/words.h"'; \
	  echo 'const char words_list[WORDS_COUNT][WORDS_MAXLEN + 1] = {'; \
	  sed 's/.*/	"&",/' $<; echo '};'; } >$@
$(B)/gen/words.o: $(B)/gen/words.c
	$(Q)$(COMPILE) -c -o $@ $<

ar	= $(Q)rm -f $@ && ar rcs $@ $^
$(B)/libcrypto.a: $(CRYPTO_O)
	$(ar)
$(B)/libserver.a: $(call nomain,$(SERVER_O))
	$(ar)
$(B)/libcommon.a: $(COMMON_O)
	$(ar)
$(B)/libreport.a: $(call nomain,$(REPORT_O))
	$(ar)
$(B)/libcourier.a: $(call nomain,$(COURIER_O))
	$(ar)
$(B)/libaudit.a: $(call nomain,$(AUDIT_O))
	$(ar)
$(B)/libdesk.a: $(call nomain,$(DESK_O))
	$(ar)
LIBS	:= $(addprefix $(B)/lib,server.a report.a courier.a audit.a desk.a common.a crypto.a)

comma	:= ,
link	= $(Q)mkdir -p $(@D) && $(CC) $(LINK) $(CFLAGS) $(FUZZFLAGS) $(LDFLAGS) \
	  -o $@ $(1) -Wl,--start-group $(2) -Wl,--end-group $(3)
$(B)/bin/ecrdropd: $(B)/server/main.o $(B)/libserver.a $(B)/libcrypto.a
	$(call say,LINK,$@)
	$(call link,$<,$(filter %.a,$^),$(SERVER_L) $(CRYPTO_L))
$(B)/bin/ecrdrop: $(B)/client/report/main.o $(B)/libreport.a $(B)/libcommon.a $(B)/libcrypto.a
	$(call say,LINK,$@)
	$(call link,$<,$(filter %.a,$^),$(COMMON_L) $(NET_L) $(CRYPTO_L))
$(B)/bin/ecrcourier: $(B)/client/courier/main.o $(B)/libcourier.a $(B)/libcommon.a $(B)/libcrypto.a
	$(call say,LINK,$@)
	$(call link,$<,$(filter %.a,$^),$(COMMON_L) $(NET_L) $(CRYPTO_L))
$(B)/bin/ecraudit: $(B)/client/audit/main.o $(B)/libaudit.a $(B)/libcommon.a $(B)/libcrypto.a
	$(call say,LINK,$@)
	$(call link,$<,$(filter %.a,$^),$(COMMON_L) $(NET_L) $(CRYPTO_L))
$(B)/bin/ecrdesk: $(B)/client/desk/main.o $(B)/libdesk.a $(B)/libcommon.a $(B)/libcrypto.a
	$(call say,LINK,$@)
	$(call link,$<,$(filter %.a,$^),$(COMMON_L) $(DESK_L) $(CRYPTO_L))

# --- tests ------------------------------------------------------------------
$(B)/tests/%: $(B)/tests/unit/%.o $(HELP_O) $(LIBS)
	$(call say,LINK,$@)
	$(call link,$< $(HELP_O),$(LIBS),$(SERVER_L) $(COMMON_L) $(NET_L) $(DESK_L) $(CRYPTO_L) $(TEST_L) -lz)
.PRECIOUS: $(B)/%.o
# Programs that only end-to-end tests need.
$(B)/e2e/%: $(B)/tests/e2e/%.o $(B)/tests/unit/box.o $(LIBS)
	$(call say,LINK,$@)
	$(call link,$(filter %.o,$^),$(LIBS),$(COMMON_L) $(NET_L) $(DESK_L) $(CRYPTO_L))
$(B)/e2e/acts: $(call obj,$(call src,tests/e2e/acts))
$(B)/e2e/mkoutbox: $(B)/tests/unit/said_help.o
$(B)/e2e/mklog: $(B)/tests/bench/logmade.o
$(B)/e2e/leftover: $(B)/tests/unit/trace.o
# The server with fronts that can be taken over.
$(B)/e2e/ecrdropd-taken: $(B)/server/main.o $(B)/tests/e2e/taken/front.o \
    $(B)/libserver.a $(B)/libcrypto.a
	$(call say,LINK,$@)
	$(call link,-Wl$(comma)--wrap=client_new $(filter %.o,$^),$(filter %.a,$^),$(SERVER_L) $(CRYPTO_L))

# A test beside llhttp, where its C sources or the library are at hand.
LLHTTP	:= $(wildcard /usr/share/llhttp/llhttp.c)
LLHTTP_O := $(patsubst %,$(B)/llhttp/%.o,$(if $(LLHTTP),api http llhttp))
LLHTTP_C := $(if $(LLHTTP),-isystem /usr/share/include/llhttp,$(call pkg,--cflags,libllhttp))
LLHTTP_L := $(if $(LLHTTP),,$(call pkg,--libs,libllhttp))
ORACLE	:= $(if $(LLHTTP)$(LLHTTP_L),$(B)/oracle/http_diff)
.PHONY: oracle
oracle: $(ORACLE)		# by name: tools/deps may bring it on the way
.SECONDARY: $(LLHTTP_O)
$(B)/llhttp/%.o: /usr/share/llhttp/%.c
	$(Q)mkdir -p $(@D) && $(CC) -w -O2 -fPIE -DLLHTTP_STRICT_MODE=1 \
	  $(LLHTTP_C) -c -o $@ $<
$(B)/tests/oracle/oracle.o: CPPFLAGS += -DLLHTTP_STRICT_MODE=1 $(LLHTTP_C)
$(B)/oracle/%: $(B)/tests/oracle/%.o $(B)/tests/oracle/oracle.o $(LLHTTP_O) $(B)/server/http.o $(B)/libcrypto.a
	$(call say,LINK,$@)
	$(call link,$(filter %.o,$^),$(filter %.a,$^),$(LLHTTP_L) $(CRYPTO_L))

# Libraries that get between a server and its system (LD_PRELOAD).
$(B)/preload/%.so: tests/preload/%.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) $(WARN) -D_GNU_SOURCE -iquote . -MMD -MP \
	  $(CPPFLAGS) -O2 -g -fPIC -shared -o $@ $<

units: $(UNIT)
check-unit:
	$(Q)tools/deps check
	$(Q)$(MAKE) --no-print-directory units
	$(Q)VECTORS='$(VECTORS)' B='$(B)' tests/run-unit $(UNIT)

check-layers: $(CRYPTO_O) $(BIN)
	$(Q)B='$(B)' tools/check-layers
check-docs:
	$(Q)tools/check-words crypto/words.txt
	$(Q)set -e; for m in $(MAN); do mandoc -Tlint -W warning $$m; done
check-e2e: programs replay $(E2E_BIN) $(PRELOAD) oracle
	$(Q)VECTORS='$(VECTORS)' B='$(B)' ECR_DEPS='$(ECR_DEPS)' tests/run-e2e $(E2E)

check:
	$(Q)tools/deps check
	$(Q)$(MAKE) --no-print-directory programs units replay $(E2E_BIN) $(PRELOAD) oracle
	$(Q)$(MAKE) --no-print-directory check-layers check-docs
	$(Q)VECTORS='$(VECTORS)' B='$(B)' ECR_DEPS='$(ECR_DEPS)' tests/run-all '$(UNIT)' '$(E2E)'

# A fuzz target without libFuzzer reads the files it is given: every seed
# is replayed by `make check`.
replay: $(addprefix $(B)/replay/,$(FUZZ))
$(B)/replay/%: $(B)/tests/fuzz/%.o $(B)/tests/fuzz/replay.o $(LIBS)
	$(Q)$(call link,$(filter %.o,$^),$(LIBS),$(SERVER_L) $(COMMON_L) $(NET_L) $(DESK_L) $(CRYPTO_L))

fuzz:
	$(Q)tools/deps fuzz
	$(Q)$(MAKE) --no-print-directory CC=clang SAN=1 B=build/fuzz \
	  FUZZFLAGS=-fsanitize=fuzzer-no-link fuzz-programs
	$(Q)B=build/fuzz tests/fuzz/run $(FUZZ_SECONDS) $(FUZZ)
fuzz-programs: $(addprefix $(B)/fuzz/,$(FUZZ))
$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(LIBS)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(LINK) -fsanitize=fuzzer $(CFLAGS) $(LDFLAGS) -o $@ $< \
	  -Wl,--start-group $(LIBS) -Wl,--end-group \
	  $(SERVER_L) $(COMMON_L) $(NET_L) $(DESK_L) $(CRYPTO_L)
.PHONY: fuzz-programs

demo:
	$(Q)tools/deps demo
	$(Q)$(MAKE) --no-print-directory programs
	$(Q)B='$(B)' tools/demo

bench:
	$(Q)tools/deps bench
	$(Q)$(MAKE) --no-print-directory programs $(BENCH) $(B)/bench/ecrdropd-nostore
	$(Q)B='$(B)' ECR_DEPS='$(ECR_DEPS)' tests/bench/run
$(B)/bench/%: $(B)/tests/bench/%.o $(BENCH_O) $(LIBS)
	$(call say,LINK,$@)
	$(call link,$< $(BENCH_O),$(LIBS),$(SERVER_L) $(COMMON_L) $(NET_L) $(DESK_L) $(CRYPTO_L))
# The server with storage switched off: an anchor, never installed.
$(B)/bench/ecrdropd-nostore: $(B)/server/main.o \
    $(B)/tests/bench/nostore/pending_put.o $(B)/libserver.a $(B)/libcrypto.a
	$(call say,LINK,$@)
	$(call link,$(filter %.o,$^),$(filter %.a,$^),$(SERVER_L) $(CRYPTO_L))

# --- the rest -----------------------------------------------------------------
install: programs
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/sbin
	install -m 755 $(filter-out %/ecrdropd,$(BIN)) $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(B)/bin/ecrdropd $(DESTDIR)$(PREFIX)/sbin
	set -e; for m in $(MAN); do s=$${m##*.}; \
	  install -d $(DESTDIR)$(PREFIX)/share/man/man$$s; \
	  install -m 644 $$m $(DESTDIR)$(PREFIX)/share/man/man$$s; done

clean:
	$(Q)find build -mindepth 1 -maxdepth 1 ! -name deps -exec rm -rf {} + 2>/dev/null || :
distclean:
	$(Q)rm -rf build

-include $(patsubst %.o,%.d,$(ALL_O) $(HELP_O)) $(wildcard $(B)/tests/*/*.d)
