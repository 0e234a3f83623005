# SPDX-License-Identifier: GPL-3.0-or-later
# The laboratory's one Makefile. `make help` lists the targets.
#   Switches: CC=clang  ASAN=1  TSAN=1  COVERAGE=1  BUILD=dir  PREFIX=/usr/local  TEST_SCALE=10

BUILD   ?= build
PREFIX  ?= /usr/local
VERSION := 0.1.0
ROOMS   := core dln sde ffpe compare lab

# ---- packages (Debian names; scripts/packages.sh installs or names them) -------------------------------------------
PKGS := gsl libcyaml yaml-0.1 hdf5 lapacke openblas

# ---- compiler ------------------------------------------------------------------------------------------------------
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef \
        -Wdouble-promotion
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
PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS   = $(shell pkg-config --libs $(PKGS) 2>/dev/null)
LIBS = $(PKG_LIBS) -lm
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
OBJECTS := $(PLAIN:%.c=$(BUILD)/%.o) $(foreach isa,$(ISAS),$(LANES:%.c=$(BUILD)/%.$(isa).o))
TESTS   := $(patsubst tests/%.c,$(BUILD)/tests/%,$(sort $(wildcard tests/*/test_*.c)))

.PHONY: all
all: $(BUILD)/kramers $(BUILD)/libkramers.a $(BUILD)/libkramers.so

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(COMPILE) -c $< -o $@

define lanes_rule
$(BUILD)/%.$(1).o: %.c
	@mkdir -p $$(@D)
	$$(COMPILE) $$(MARCH_$(1)) -DCORE_ISA=$(1) -c $$< -o $$@
endef
$(foreach isa,$(ISAS),$(eval $(call lanes_rule,$(isa))))

$(BUILD)/libkramers.a: $(OBJECTS)
	rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/libkramers.so: $(OBJECTS)
	$(CC) $(KLDFLAGS) $(LDFLAGS) -shared -pthread -o $@ $^ $(LIBS)

$(BUILD)/kramers: $(BUILD)/lab/main.o $(BUILD)/libkramers.a
	$(CC) $(KLDFLAGS) $(LDFLAGS) -pthread -o $@ $^ $(LIBS)

$(BUILD)/tests/%: tests/%.c $(BUILD)/libkramers.a
	@mkdir -p $(@D)
	$(COMPILE) -Itests -MF $@.d $< -o $@ $(KLDFLAGS) $(LDFLAGS) $(BUILD)/libkramers.a -lcmocka $(LIBS)

.PHONY: tests
tests: $(TESTS)

-include $(OBJECTS:.o=.d) $(BUILD)/lab/main.d $(TESTS:%=%.d)
