# SPDX-License-Identifier: GPL-3.0-or-later
# The laboratory's one Makefile. `make help` lists the targets.
#   Switches: CC=clang  ASAN=1  TSAN=1  COVERAGE=1  BUILD=dir  PREFIX=/usr/local  DESTDIR=dir  TEST_SCALE=10  V=1

BUILD   ?= build
PREFIX  ?= /usr/local
VERSION := 0.1.0
SONAME  := libkramers.so.0
ROOMS   := core dln sde ffpe compare lab

# ---- packages (Debian names; scripts/packages.sh installs or names them) -------------------------------------------
PKGS := gsl libcyaml yaml-0.1 hdf5 arpack lapacke openblas fftw3

# ---- compiler ------------------------------------------------------------------------------------------------------
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef \
        -Wdouble-promotion
# clang takes the constants NAN and INFINITY of <math.h> for floats that are promoted; gcc finds the real cases
CLANG_WARN := -Wno-double-promotion
ifneq ($(findstring clang,$(CC)),)
WARN += $(CLANG_WARN)
endif
OPT  ?= -O3
KCFLAGS := -std=c11 $(WARN) -Wno-psabi -D_GNU_SOURCE -ffp-contract=off -fno-math-errno -fvisibility=default -fPIC -g -pthread -I.
ifdef ASAN
BUILD := $(BUILD)/asan
OPT := -O1
KCFLAGS += -fsanitize=address,undefined -fno-omit-frame-pointer
KLDFLAGS += -fsanitize=address,undefined
endif
ifdef TSAN
BUILD := $(BUILD)/tsan
OPT := -O1
KCFLAGS += -fsanitize=thread
KLDFLAGS += -fsanitize=thread
endif
ifdef COVERAGE
BUILD := $(BUILD)/coverage
OPT := -O1
KCFLAGS += --coverage
KLDFLAGS += --coverage
endif
# asked for at the first compilation, then remembered: pkg-config itself may have just been installed
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PKGS)))$(PKG_LIBS)
LIBS = $(PKG_LIBS) -lumfpack -lm
COMPILE = $(CC) $(KCFLAGS) $(OPT) $(CFLAGS) $(CPPFLAGS) $(PKG_CFLAGS) -MMD -MP

# ---- sources: every .c of a room; *_lanes.c once per instruction set ---------------------------------------------------
ISAS := base
ifeq ($(shell $(CC) -dumpmachine | cut -d- -f1),x86_64)
ISAS := base v3 v4
endif
MARCH_base :=
MARCH_v3   := -march=x86-64-v3
MARCH_v4   := -march=x86-64-v4 -mprefer-vector-width=512

SOURCES := $(sort $(filter-out lab/main.c,$(wildcard $(addsuffix /*.c,$(ROOMS)))))
LANES   := $(filter %_lanes.c,$(SOURCES))
PLAIN   := $(filter-out %_lanes.c,$(SOURCES))
OBJECTS := $(PLAIN:%.c=$(BUILD)/%.o) $(BUILD)/lab/assets.o $(foreach isa,$(ISAS),$(LANES:%.c=$(BUILD)/%.$(isa).o))
TESTS   := $(patsubst tests/%.c,$(BUILD)/tests/%,$(sort $(wildcard tests/*/test_*.c)))

# A line per file made; V=1 shows the commands.
ifdef V
say =
else
say = @printf '  %-8s%s\n' $(1) $(2)
.SILENT:
endif

.PHONY: all
all: $(BUILD)/kramers $(BUILD)/libkramers.a $(BUILD)/libkramers.so ## builds the command and the library (the default)

# What is missing is said once, before the first compilation.
$(BUILD)/.packages-%: scripts/packages.sh
	@mkdir -p $(@D)
	@scripts/packages.sh missing $* && touch $@

$(BUILD)/%.o: %.c | $(BUILD)/.packages-build
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(COMPILE) -c $< -o $@

define lanes_rule
$(BUILD)/%.$(1).o: %.c | $(BUILD)/.packages-build
	@mkdir -p $$(@D)
	$$(call say,CC,"$$< ($(1))")
	$$(COMPILE) $$(MARCH_$(1)) -DCORE_ISA=$(1) -c $$< -o $$@
endef
$(foreach isa,$(ISAS),$(eval $(call lanes_rule,$(isa))))

# ---- text built into the program: gnuplot sources and the report's style sheet ----------------------------------------
ASSETS := $(sort $(wildcard plots/*.gp)) lab/report.css

$(BUILD)/lab/assets.c: $(ASSETS) Makefile
	@mkdir -p $(@D)
	@{ echo '/* Made by the Makefile from $(ASSETS) */'; echo '#include "lab/figures.h"'; i=0; \
	  for file in $(ASSETS); do echo "static const char text$$i[] = {"; od -An -v -tx1 $$file | sed 's/\([0-9a-f][0-9a-f]\)/(char)0x\1,/g'; \
	    echo '0};'; i=$$((i + 1)); done; \
	  echo 'const struct lab_asset lab_assets[] = {'; i=0; \
	  for file in $(ASSETS); do echo "{\"$${file##*/}\", text$$i, sizeof text$$i - 1},"; i=$$((i + 1)); done; \
	  echo '{0, 0, 0}};'; } > $@

$(BUILD)/lab/assets.o: $(BUILD)/lab/assets.c
	$(call say,CC,$<)
	$(COMPILE) -c $< -o $@

# ---- provenance: how this program was made; only lab/provenance.o is built again when it changes ------------------------
REVISION := $(shell test -z "$$(git rev-parse --show-cdup 2>/dev/null || echo none)" && echo \
    "$$(git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)$$(test -z "$$(git status --porcelain 2>/dev/null)" || echo -dirty)" \
    || echo unknown)
COMPILER := $(shell $(CC) --version 2>/dev/null | head -n 1 | tr -d '"\\')
quoted = $(subst ",,$(subst \,,$(subst ',,$(1))))
PROVENANCE = -DLAB_VERSION='"$(VERSION)"' -DLAB_REVISION='"$(call quoted,$(REVISION))"' \
    -DLAB_COMPILER='"$(call quoted,$(COMPILER))"' -DLAB_FLAGS='"$(call quoted,$(KCFLAGS) $(OPT) $(CFLAGS))"'

.PHONY: always
$(BUILD)/provenance: always
	@mkdir -p $(@D)
	@echo "$(subst ",,$(subst ',,$(PROVENANCE)))" | cmp -s - $@ || echo "$(subst ",,$(subst ',,$(PROVENANCE)))" > $@

$(BUILD)/lab/provenance.o: lab/provenance.c $(BUILD)/provenance
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(COMPILE) $(PROVENANCE) -c $< -o $@

$(BUILD)/libkramers.a: $(OBJECTS)
	$(call say,AR,$@)
	rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/libkramers.so: $(OBJECTS)
	$(call say,LD,$@)
	$(CC) $(KLDFLAGS) $(LDFLAGS) -shared -Wl,-soname,$(SONAME) -pthread -o $@ $^ $(LIBS)
	ln -sf libkramers.so $(BUILD)/$(SONAME)

$(BUILD)/kramers: $(BUILD)/lab/main.o $(BUILD)/libkramers.a
	$(call say,LD,$@)
	$(CC) $(KLDFLAGS) $(LDFLAGS) -pthread -o $@ $^ $(LIBS)

$(BUILD)/tests/%: tests/%.c $(BUILD)/libkramers.a | $(BUILD)/.packages-check
	@mkdir -p $(@D)
	$(call say,TEST,$<)
	$(COMPILE) -Itests -MF $@.d $< -o $@ $(KLDFLAGS) $(LDFLAGS) $(BUILD)/libkramers.a -lcmocka $(LIBS)

# ---- the two commands: install what is missing, then work ------------------------------------------------------------
# A second make does the work, so that pkg-config is asked after the installation; it uses every processor unless -j says
# otherwise.
AGAIN = +$(MAKE) --no-print-directory $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc 2>/dev/null || echo 2))
STUDY ?= scripts/plateaus.yaml

.PHONY: run check packages
run: ## installs what is missing, builds, runs the main study, names its report
	@scripts/packages.sh install build run
	@$(AGAIN) study

check: ## installs what is missing, builds, runs every test and the checks of the source
	@scripts/packages.sh install build run check
	@$(AGAIN) prove
	@$(AGAIN) conventions

packages: ## installs the Debian packages that are missing, those of lint too
	@scripts/packages.sh install build run check lint

.PHONY: study bench figures
study: $(BUILD)/kramers ## runs one study (STUDY=file.yaml), results in runs/<name of the file>
	@$(BUILD)/kramers run $(STUDY) -o runs/$(basename $(notdir $(STUDY)))

bench: $(BUILD)/kramers ## measures speed and accuracy, one row per problem
	@$(BUILD)/kramers bench

figures: $(BUILD)/kramers ## draws the pictures of the main study again, from its results
	@$(BUILD)/kramers plot runs/$(basename $(notdir $(STUDY)))

# ---- tests -------------------------------------------------------------------------------------------------------------
# Programs (cmocka) and scripts that speak TAP, two at a time. They find the build in $BUILD and the command in $KRAMERS.
TEST_SCRIPTS := $(sort $(wildcard tests/*/test_*.sh))
TEST_SCALE   ?= 1

.PHONY: tests prove
tests: $(TESTS) ## builds the tests

prove: all tests ## runs the tests (TEST_SCALE=10 for longer samples)
	@CMOCKA_MESSAGE_OUTPUT=TAP TEST_SCALE=$(TEST_SCALE) BUILD=$(BUILD) KRAMERS=$(BUILD)/kramers \
	    prove -j2 --exec tests/run.sh $(TESTS) $(TEST_SCRIPTS)

# ---- checks of the source --------------------------------------------------------------------------------------------
.PHONY: conventions lint format format-check
conventions: $(OBJECTS) ## checks rooms, names, citations, licence lines and file sizes
	@scripts/check-includes.sh
	@scripts/check-symbols.sh $(BUILD) $(OBJECTS)
	@scripts/check-citations.sh
	@scripts/check-text.sh
	@echo "conventions: all hold"

# Every C file through gcc and clang without a warning and through clang-tidy; a file that passed is not read again.
# The tests, which take the reference files at their word, are spared the path analysis of clang-analyzer.
TEST_SOURCES := $(sort $(wildcard tests/*.c tests/*/*.c))
C_SOURCES := $(SOURCES) $(wildcard lab/main.c) $(TEST_SOURCES)
C_FILES   := $(C_SOURCES) $(sort $(wildcard $(addsuffix /*.h,$(ROOMS) tests tests/*)))
LINT_FLAGS = $(KCFLAGS) -Itests -Werror $(PKG_CFLAGS) $(if $(filter %_lanes.c,$<),$(MARCH_$(lastword $(ISAS))) -DCORE_ISA=$(lastword $(ISAS)))

lint: $(C_SOURCES:%.c=$(BUILD)/lint/%.ok) $(BUILD)/lint/cppcheck.ok ## gcc, clang, clang-tidy and cppcheck must have nothing to say

$(BUILD)/lint/%.ok: %.c .clang-tidy | $(BUILD)/.packages-build $(BUILD)/.packages-lint
	@mkdir -p $(@D)
	$(call say,LINT,$<)
	gcc $(LINT_FLAGS) -O2 -MMD -MP -MF $(@:.ok=.d) -MT $@ -c $< -o /dev/null
	clang $(LINT_FLAGS) $(CLANG_WARN) -fsyntax-only $<
	clang-tidy --quiet --config-file=.clang-tidy $(if $(filter tests/%,$<),--checks='-clang-analyzer-*') --warnings-as-errors='*' $< -- $(LINT_FLAGS) $(CLANG_WARN) 2>/dev/null
	@touch $@

CPPCHECK = cppcheck --quiet --std=c11 --inline-suppr --error-exitcode=1 --suppressions-list=scripts/cppcheck.txt -I. -Itests \
           -DCORE_ISA=base
$(BUILD)/lint/cppcheck.ok: $(C_FILES) scripts/cppcheck.txt | $(BUILD)/.packages-lint
	@mkdir -p $(@D)
	$(call say,LINT,cppcheck)
	$(CPPCHECK) --enable=warning,style,performance,portability $(filter-out tests/%,$(C_SOURCES))
	$(CPPCHECK) --enable=warning,portability $(TEST_SOURCES)
	@touch $@

format: | $(BUILD)/.packages-lint ## formats every C file in place
	@clang-format -i $(C_FILES)

format-check: | $(BUILD)/.packages-lint ## names what `make format` would change
	@clang-format --dry-run -Werror $(C_FILES)

# ---- installation ------------------------------------------------------------------------------------------------------
DESTINATION = $(DESTDIR)$(PREFIX)
# a room's public header, and every header of ours that one needs
PUBLIC  = $(wildcard $(foreach room,$(ROOMS),$(room)/$(room).h))
HEADERS = $(sort $(filter %.h,$(shell $(CC) $(KCFLAGS) $(PKG_CFLAGS) -MM $(PUBLIC))))
FILL    = sed -e 's|@PREFIX@|$(PREFIX)|g' -e 's|@VERSION@|$(VERSION)|g' -e 's|@PKGS@|$(PKGS)|g'
INSTALLED = bin/kramers lib/libkramers.a lib/libkramers.so.$(VERSION) lib/$(SONAME) lib/libkramers.so lib/pkgconfig/kramers.pc \
            share/man/man1/kramers.1 share/bash-completion/completions/kramers

.PHONY: install uninstall clean help
install: all ## installs command, library, headers, pkg-config file, manual page, completion (PREFIX, DESTDIR)
	@mkdir -p $(addprefix $(DESTINATION)/,$(sort $(dir $(INSTALLED) $(HEADERS:%=include/kramers/%))))
	@install -m 755 $(BUILD)/kramers $(DESTINATION)/bin/kramers
	@install -m 644 $(BUILD)/libkramers.a $(DESTINATION)/lib/libkramers.a
	@install -m 755 $(BUILD)/libkramers.so $(DESTINATION)/lib/libkramers.so.$(VERSION)
	@ln -sf libkramers.so.$(VERSION) $(DESTINATION)/lib/$(SONAME)
	@ln -sf libkramers.so.$(VERSION) $(DESTINATION)/lib/libkramers.so
	@for header in $(HEADERS); do install -m 644 $$header $(DESTINATION)/include/kramers/$$header || exit 1; done
	@$(FILL) scripts/kramers.pc.in > $(DESTINATION)/lib/pkgconfig/kramers.pc
	@$(FILL) scripts/kramers.1 > $(DESTINATION)/share/man/man1/kramers.1
	@install -m 644 scripts/kramers.bash $(DESTINATION)/share/bash-completion/completions/kramers
	@[ -n "$(DESTDIR)" ] || ldconfig 2>/dev/null || true
	@echo "installed under $(DESTINATION)"

uninstall: ## removes what install put there
	@rm -f $(addprefix $(DESTINATION)/,$(INSTALLED))
	@rm -rf $(DESTINATION)/include/kramers
	@echo "removed from $(DESTINATION)"

clean: ## removes the build
	@rm -rf $(BUILD)

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile
	@sed -n 's/^#   Switches: */  switches           /p' Makefile

-include $(OBJECTS:.o=.d) $(BUILD)/lab/main.d $(TESTS:%=%.d) $(C_SOURCES:%.c=$(BUILD)/lint/%.d)
