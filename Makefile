# Sluice: build, try, test, measure, install. `make help` says what can be done.
#
# One file, not recursive: every object's rule is here, so make sees the whole graph. What differs
# between builds is one table of flags (MODE), and each mode has its own folder, build/MODE.
# Nothing read at parse time may fail: `make demo` and `make test` start on machines without a
# compiler, install one, and then call make again to see the libraries.

MODE         ?= release
PREFIX       ?= /usr/local
DESTDIR      ?=
FUZZ_SECONDS ?= 600
FUZZ_SHORT   ?= 5
BENCH_ARGS   ?=
MODES        := release debug asan tsan coverage lint fuzz
ifeq ($(filter $(MODE),$(MODES)),)
$(error unknown MODE '$(MODE)'; use one of: $(MODES))
endif

# What `make demo` starts: the workbench on a terminal, the batch mode elsewhere.
DEMO_TERMINAL ?= build/sluice $(DEMO) --train
DEMO_BATCH    ?= build/sluice run $(DEMO)
DEMO           = $(if $(wildcard $(PICTURES)),assets/fashion.sluice,assets/reviews.sluice)
PICTURES      := /usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz

JOBS := $(shell nproc 2>/dev/null || echo 2)
# All cores unless the user said -j, which make does not show before the recipes run, so ask for its command line.
ifeq ($(MAKELEVEL)$(shell tr '\0' '\n' 2>/dev/null </proc/$$PPID/cmdline | grep -E '^(-[a-zA-Z]*j|--jobs)'),0)
MAKEFLAGS += -j$(JOBS)
endif
# A short line for each command; V=1 shows the whole command, -s nothing.
SILENT := $(findstring s,$(firstword -$(MAKEFLAGS)))
say = $(if $(V),,@$(if $(SILENT),,printf '%-5s %s\n' $(1) $@ &&))
MAKEFLAGS += --no-print-directory --no-builtin-rules
.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := all

# ---- Compiler and flags ----------------------------------------------------------------------

ifeq ($(origin CC),default)
CC := gcc
endif
CLANG        ?= clang
CLANG_FORMAT ?= $(firstword $(shell command -v clang-format-14 clang-format 2>/dev/null) clang-format)
PKG_CONFIG   ?= pkg-config

WARN   := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wvla -Wundef
STD    := -std=c17 -D_GNU_SOURCE -Iinclude -I.
HARDEN := -fstack-protector-strong -fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
CHECK  := -U_FORTIFY_SOURCE -fno-omit-frame-pointer

# The same bits from the same source: no fused multiply-add unless the code asks for one.
FLAGS_all      := -g -fPIE -pthread -ffp-contract=off
FLAGS_release  := -O2 $(HARDEN)
FLAGS_debug    := -O0 -DSL_DEBUG=1
FLAGS_asan     := -O1 $(CHECK) -fsanitize=address,undefined -fno-sanitize-recover=all
FLAGS_tsan     := -O1 $(CHECK) -fsanitize=thread
FLAGS_coverage := -O0 --coverage -fprofile-update=atomic
FLAGS_lint     := -O2 $(HARDEN) -Werror
FLAGS_fuzz     := -O1 $(CHECK) -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
ifeq ($(MODE),fuzz)
override CC := $(CLANG)
endif
ifneq ($(CI)$(WERROR),)
WARN += -Werror
endif

# ---- Libraries -------------------------------------------------------------------------------

PKGS      := ncursesw readline sqlite3 libpcre2-8 libutf8proc zlib libdeflate libzstd libxxhash libpng libjpeg openblas
TEST_PKGS := cmocka vterm
missing    = $(shell for p in $(1); do $(PKG_CONFIG) --exists $$p 2>/dev/null || echo $$p; done)
MISSING   := $(call missing,$(PKGS))
MISSING_T := $(call missing,$(TEST_PKGS))
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(filter-out $(MISSING),$(PKGS)) 2>/dev/null)
PKG_LIBS   := $(shell $(PKG_CONFIG) --libs $(filter-out $(MISSING),$(PKGS)) 2>/dev/null)

# Optional parts: probed once here; each adds to OPT_CFLAGS, OPT_LIBS and OPT_FOUND, and `make config` prints them.
OPT_CFLAGS :=
OPT_LIBS   :=
OPT_FOUND  :=

# The GPU plug-in, where CUDA's toolkit is: in CUDA_HOME, on the PATH or in the usual places. CUDA=no leaves it out. A
# toolkit without cuBLAS or without a C++ compiler for nvcc counts as none, and `make config` says so.
CUDA     ?= auto
CUDA_TOP  = $(or $(patsubst %/bin/nvcc,%,$(realpath $(NVCC))),/usr)
CUDA_ONE  = $(firstword $(wildcard $(foreach d,$(1),$(CUDA_TOP)/$d/$(2) $(CUDA_TOP)/targets/*/$d/$(2)) $(3)))
ifneq ($(CUDA),no)
NVCC := $(firstword $(if $(CUDA_HOME),$(wildcard $(CUDA_HOME)/bin/nvcc)) $(shell command -v nvcc 2>/dev/null) \
    $(wildcard /usr/local/cuda/bin/nvcc /usr/local/cuda-*/bin/nvcc /opt/cuda/bin/nvcc))
endif
ifneq ($(NVCC),)
CUDA_LIB := $(patsubst %/,%,$(dir $(call CUDA_ONE,lib64 lib,libcublas.so,/usr/lib/*-linux-gnu/libcublas.so)))
CUDA_INC := $(patsubst %/,%,$(dir $(call CUDA_ONE,include,cublas_v2.h,/usr/include/cublas_v2.h)))
ifeq ($(and $(CUDA_LIB),$(wildcard $(CUDA_LIB)/libcudart_static.a),$(CUDA_INC),$(shell command -v g++ 2>/dev/null)),)
OPT_FOUND += (nvcc without cuBLAS or g++: no GPU plug-in)
NVCC :=
else
OPT_FOUND += cuda $(shell $(NVCC) --version | sed -n 's/.*release \([0-9.]*\).*/\1/p')
endif
endif
CUDA_SO := $(if $(NVCC),build/release/libsluice-cuda.so)

CFLAGS_ALL := $(STD) $(WARN) $(FLAGS_all) $(FLAGS_$(MODE)) $(PKG_CFLAGS) $(OPT_CFLAGS) $(CPPFLAGS) $(CFLAGS)
LINK_ALL   := $(FLAGS_all) $(FLAGS_$(MODE)) -pie -Wl,-z,relro,-z,now,-z,noexecstack $(LDFLAGS) -Wl,--as-needed
LIBS       := $(PKG_LIBS) $(OPT_LIBS) -lm

# ---- Sources, by place -----------------------------------------------------------------------

B          := build/$(MODE)
obj         = $(patsubst %.c,$(B)/%.o,$(1))
ENGINE     := $(sort $(wildcard engine/*/*.c))
SESSIONS   := $(sort $(wildcard sessions/*.c))
TUI        := $(sort $(filter-out tui/main.c,$(wildcard tui/*.c)))
UNIT       := $(sort $(wildcard tests/unit/*/test_*.c tests/golden/test_*.c))
UNIT_HELP  := $(sort $(filter-out $(UNIT),$(wildcard tests/unit/*.c tests/unit/*/*.c)))
E2E        := $(sort $(wildcard tests/e2e/*.c))
FUZZ       := $(sort $(wildcard tests/fuzz/fuzz_*.c))
SOURCES    := $(ENGINE) $(SESSIONS) $(TUI) tui/main.c
# The plug-in's sources, compiled for the processor against tests/emulation, are part of the unit tests.
CUDA_HOST  := $(sort $(wildcard engine/device/cuda/*.c))
CUDA_CODE  := $(sort $(wildcard engine/device/cuda/*.cu))
EMULATED   := $(CUDA_HOST) $(CUDA_CODE) $(sort $(wildcard tests/emulation/*.c))
UNIT_BINS  := $(patsubst %.c,$(B)/%,$(UNIT))
FUZZ_NAMES := $(patsubst tests/fuzz/fuzz_%.c,%,$(FUZZ))
ARCHIVES   := $(B)/libtui.a $(B)/libsession.a $(B)/libsluice.a
DEPS       := $(patsubst %.c,$(B)/%.d,$(SOURCES) $(UNIT) $(UNIT_HELP) $(E2E) $(FUZZ)) $(EMULATED:%=$(B)/emulated/%.d)

## all: build the program (MODE=release|debug|asan|tsan|coverage), into build/MODE and, for release, build/sluice
.PHONY: all
all: $(B)/sluice $(if $(filter release,$(MODE)),build/sluice $(if $(CUDA_SO),build/libsluice-cuda.so))

build/sluice build/libsluice-cuda.so: build/%: build/release/%
	@ln -f $< $@ 2>/dev/null || cp -f $< $@

$(B)/libsluice.a:  $(call obj,$(ENGINE))
$(B)/libsession.a: $(call obj,$(SESSIONS))
$(B)/libtui.a:     $(call obj,$(TUI))
$(B)/libtest.a:    $(call obj,$(UNIT_HELP)) $(EMULATED:%=$(B)/emulated/%.o)
$(B)/%.a: $(B)/sources
	@rm -f $@
	$(call say,ar) ar rcs $@ $(filter %.o,$^)

$(B)/sluice: $(B)/tui/main.o $(ARCHIVES)
	$(call say,link) $(CC) $(LINK_ALL) -o $@ $^ $(LIBS)

$(UNIT_BINS): %: %.o $(B)/libtest.a $(ARCHIVES)
	$(call say,link) $(CC) $(LINK_ALL) -o $@ $^ $(LIBS) -lcmocka

$(B)/e2e: $(call obj,$(E2E)) $(ARCHIVES)
	$(call say,link) $(CC) $(LINK_ALL) -o $@ $^ $(LIBS) -lvterm -lutil

build/fuzz/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(filter-out %libtui.a,$(ARCHIVES))
	$(call say,link) $(CC) $(LINK_ALL) -fsanitize=fuzzer -o $@ $^ $(LIBS)

$(B)/%.o: %.c $(B)/flags | need-libraries
	@mkdir -p $(@D)
	$(call say,$(notdir $(CC))) $(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<
$(call obj,$(UNIT) $(UNIT_HELP) $(E2E)): | need-test-libraries
$(B)/emulated/%.o: % $(B)/flags | need-libraries
	@mkdir -p $(@D)
	$(call say,$(notdir $(CC))) $(CC) -Itests/emulation $(CFLAGS_ALL) -MMD -MP -x c -c -o $@ $<

# Objects are rebuilt when the flags change, archives also when a source goes away.
stamp = @mkdir -p $(B); echo '$(1)' | cmp -s - $@ || echo '$(1)' > $@
$(B)/flags: FORCE
	$(call stamp,$(CC) $(CFLAGS_ALL) $(LINK_ALL) $(LIBS))
$(B)/sources: FORCE
	$(call stamp,$(SOURCES) $(UNIT_HELP) $(EMULATED))
-include $(DEPS)
.SECONDARY:

# The plug-in: code for each of these kinds of GPU that this nvcc knows, and PTX for newer ones. No fused
# multiply-add here either (kernels wait for memory, so it costs nothing): its bits are those the emulation sees.
# cuBLAS is found at run time where it was built with, or where the system looks; the runtime is linked in.
ifneq ($(CUDA_SO),)
CUDA_OUT  := build/release/cuda
CUDA_SMS  := $(filter $(shell $(NVCC) --list-gpu-code),$(foreach n,70 75 80 86 89 90,sm_$n))
CUDA_PTX  := $(subst sm_,compute_,$(lastword $(sort $(CUDA_SMS))))
NVCCFLAGS := -std=c++17 -O3 --fmad=false --threads 2 -Xcompiler -fPIC,-fvisibility=hidden,-Wall -Iinclude -I. \
    $(foreach a,$(CUDA_SMS),-gencode arch=$(subst sm,compute,$a),code=$a) -gencode arch=$(CUDA_PTX),code=$(CUDA_PTX)
CUDA_CC   := $(CC) $(STD) $(WARN) -O2 -g -fPIC -fvisibility=hidden -ffp-contract=off $(HARDEN) \
    $(if $(filter-out /usr/include,$(CUDA_INC)),-isystem $(CUDA_INC))
CUDA_LD   := -shared -g -Wl,-z,defs,-z,relro,-z,now,-z,noexecstack,-rpath,$(CUDA_LIB) -Wl,--as-needed -L$(CUDA_LIB) \
    -lcudart_static -lstdc++ -lpthread -ldl -lrt -lm
CUDA_OBJ  := $(patsubst %,$(CUDA_OUT)/%.o,$(CUDA_HOST) $(CUDA_CODE) engine/base/error.c)
$(CUDA_OUT)/%.c.o: %.c $(CUDA_OUT)/flags
	@mkdir -p $(@D)
	$(call say,$(notdir $(CC))) $(CUDA_CC) -MMD -MP -c -o $@ $<
$(CUDA_OUT)/%.cu.o: %.cu $(CUDA_OUT)/flags
	@mkdir -p $(@D)
	$(call say,nvcc) $(NVCC) $(NVCCFLAGS) -MMD -MP -MF $(@:.o=.d) -c -o $@ $<
$(CUDA_SO): $(CUDA_OBJ)
	$(call say,link) $(CC) -o $@ $(CUDA_OBJ) $(CUDA_LD)
$(CUDA_OUT)/flags: FORCE
	@mkdir -p $(@D); echo '$(NVCC) $(NVCCFLAGS) $(CUDA_CC) $(CUDA_LD) $(CUDA_OBJ)' | cmp -s - $@ || \
	    echo '$(NVCC) $(NVCCFLAGS) $(CUDA_CC) $(CUDA_LD) $(CUDA_OBJ)' > $@
-include $(CUDA_OBJ:.o=.d)
endif

.PHONY: FORCE need-libraries need-test-libraries
FORCE:
need-libraries:
	$(if $(MISSING),@echo "missing: $(MISSING) (asked of $(PKG_CONFIG)); run 'make setup'" >&2; exit 1)
need-test-libraries:
	$(if $(MISSING_T),@echo "missing: $(MISSING_T) (asked of $(PKG_CONFIG)); run 'make setup'" >&2; exit 1)

# ---- Set up and try --------------------------------------------------------------------------

## setup: install what building and testing need and this machine lacks (Debian, Ubuntu)
## demo: set up, build, and open the workbench on a sample (without a terminal: run it and print the metrics)
.PHONY: setup setup-build demo demo-run config
setup:
	@bash tests/tools/setup.sh build test
setup-build:
	@bash tests/tools/setup.sh build
demo: setup-build
	@bash tests/tools/setup.sh data || echo "demo: no pictures, so the reviews"
	@$(MAKE) all MODE=release
	@$(MAKE) demo-run
demo-run:
	@if [ -t 0 ] && [ -t 1 ]; then exec $(DEMO_TERMINAL); else exec $(DEMO_BATCH); fi
## config: print the compiler, the libraries and the optional parts that were found
config:
	@echo "mode      $(MODE), $(CC) $$($(CC) -dumpversion 2>/dev/null)"
	@echo "libraries $(filter-out $(MISSING) $(MISSING_T),$(PKGS) $(TEST_PKGS))"
	@echo "missing   $(or $(strip $(MISSING) $(MISSING_T)),none)"
	@echo "optional  $(or $(strip $(OPT_FOUND)),none)"

# ---- Tests -----------------------------------------------------------------------------------

# Sanitizers map their shadow at fixed addresses, which newer kernels' randomisation can collide with.
NOASLR := $(shell setarch -R true >/dev/null 2>&1 && echo setarch -R)
export ASAN_OPTIONS  = detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1:allocator_may_return_null=1
export UBSAN_OPTIONS = print_stacktrace=1
export TSAN_OPTIONS  = halt_on_error=1:second_deadlock_stack=1

## test: set up, then lint, unit and end-to-end tests (plain and under sanitizers) and a short fuzz, with a summary
.PHONY: test test-unit test-e2e test-gpu test-unit-programs lint warnings
test: setup
	@bash tests/tools/run_steps.sh $(MAKE) 'lint' 'test-unit MODE=release' 'test-e2e MODE=release' \
	    'test-unit MODE=asan' 'test-e2e MODE=asan' 'test-unit MODE=tsan' 'fuzz-short'
## test-unit: the unit tests alone, in MODE (ONLY=word runs the programs whose name holds the word)
test-unit: $(UNIT_BINS) $(if $(filter release,$(MODE)),$(CUDA_SO))
	@$(if $(filter release,$(MODE)),SLUICE_TEST_PLUGIN='$(CUDA_SO)') $(NOASLR) bash tests/tools/run_unit.sh $(B) $(JOBS) $(if $(ONLY),$(foreach t,$(UNIT_BINS),$(if $(findstring $(ONLY),$t),$t)),$(UNIT_BINS))
test-unit-programs: $(UNIT_BINS)
## test-e2e: the end-to-end tests alone: the program of MODE in a pseudo-terminal
test-e2e: $(B)/sluice $(B)/e2e
	@$(NOASLR) bash tests/tools/run_e2e.sh $(B) $(sort $(wildcard tests/e2e/*.sh))
## test-gpu: every operator on this machine's GPU, through the plug-in; says so and does nothing where there is none
test-gpu:
	@$(MAKE) test-gpu-run MODE=release
.PHONY: test-gpu-run
GPU_TESTS := $(if $(CUDA_SO),$(B)/tests/unit/device/test_cuda $(B)/tests/unit/device/test_cuda_kernels)
test-gpu-run: $(CUDA_SO) $(GPU_TESTS)
	@bash tests/tools/run_gpu.sh '$(CUDA_SO)' $(GPU_TESTS)
## lint: formatting, layers, headers that compile alone, banned functions, registry, warnings as errors
lint:
	@CLANG_FORMAT='$(CLANG_FORMAT)' CC='$(CC)' STD='$(STD) $(PKG_CFLAGS)' bash tests/lint/run.sh $(MAKE)
warnings: $(call obj,$(SOURCES) $(UNIT) $(UNIT_HELP) $(E2E)) $(patsubst %.c,$(B)/%.clang,$(SOURCES))
warnings: $(EMULATED:%=$(B)/emulated/%.clang)
$(B)/emulated/%.clang: % $(B)/emulated/%.o
	$(call say,clang) $(CLANG) -Itests/emulation $(STD) $(WARN) -Werror $(PKG_CFLAGS) -x c -fsyntax-only $<
	@touch $@
$(B)/%.clang: %.c $(B)/%.o
	$(call say,clang) $(CLANG) $(STD) $(WARN) -Werror $(PKG_CFLAGS) $(OPT_CFLAGS) -fsyntax-only $<
	@touch $@

## fuzz: every fuzz target for FUZZ_SECONDS (600) each; fuzz-short: for a few seconds each
.PHONY: fuzz fuzz-short fuzz-programs fuzz-run
fuzz:
	@$(MAKE) fuzz-run MODE=fuzz FUZZ_TIME=$(FUZZ_SECONDS)
fuzz-short:
	@$(MAKE) fuzz-run MODE=fuzz FUZZ_TIME=$(FUZZ_SHORT)
fuzz-programs: $(addprefix build/fuzz/fuzz_,$(FUZZ_NAMES))
fuzz-run: fuzz-programs
	@$(NOASLR) bash tests/fuzz/run.sh $(FUZZ_TIME) $(JOBS) $(FUZZ_NAMES)

## bench: the same job here and in the reference programs, side by side (BENCH_ARGS=…)
## coverage: run the tests in MODE=coverage and print the lines covered, by file
.PHONY: bench coverage coverage-run
bench:
	@$(MAKE) all MODE=release
	@bash tests/tools/setup.sh data || echo "bench: no pictures: their jobs will fail" >&2
	@bash tests/bench/run.sh $(BENCH_ARGS)
coverage:
	@$(MAKE) coverage-run MODE=coverage
coverage-run: $(UNIT_BINS) $(B)/sluice $(B)/e2e
	@find $(B) -name '*.gcda' -delete
	@$(NOASLR) bash tests/tools/run_unit.sh $(B) $(JOBS) $(UNIT_BINS)
	@$(NOASLR) bash tests/tools/run_e2e.sh $(B) $(sort $(wildcard tests/e2e/*.sh))
	@bash tests/tools/coverage.sh $(B)

# ---- Install and housekeeping ----------------------------------------------------------------

## man: the manual page, build/sluice.1, printed by the program from its own tables
## install, uninstall: program, manual, completion and sample, under DESTDIR and PREFIX (/usr/local)
.PHONY: man install uninstall format clean help
man: build/sluice.1
build/sluice.1: build/sluice
	build/sluice stages --man > $@
D := $(DESTDIR)$(PREFIX)
install: build/sluice build/sluice.1 $(if $(CUDA_SO),build/libsluice-cuda.so)
	install -d $(D)/bin $(D)/share/man/man1 $(D)/share/bash-completion/completions $(D)/share/sluice $(D)/share/doc/sluice
	install -m 755 build/sluice $(D)/bin/sluice
	$(if $(CUDA_SO),install -d $(D)/lib/sluice && install -m 755 build/libsluice-cuda.so $(D)/lib/sluice)
	install -m 644 build/sluice.1 $(D)/share/man/man1/sluice.1
	install -m 644 assets/completions/sluice.bash $(D)/share/bash-completion/completions/sluice
	install -m 644 assets/reviews.csv assets/reviews.sluice assets/fashion.sluice $(D)/share/sluice
	install -m 644 LICENSE $(wildcard README.md) $(D)/share/doc/sluice
uninstall:
	rm -f $(D)/bin/sluice $(D)/share/man/man1/sluice.1 $(D)/share/bash-completion/completions/sluice
	rm -rf $(D)/share/sluice $(D)/share/doc/sluice $(D)/lib/sluice
## format: rewrite every C file in the house's format
format:
	find engine sessions tui include tests \( -name '*.[ch]' -o -name '*.cu' \) -print0 | xargs -0 -r $(CLANG_FORMAT) -i
## clean: remove build/
clean:
	rm -rf build
## help: this list
help:
	@awk '/^## / { sub(/^## /, ""); n = index($$0, ": "); printf "  make %-18s %s\n", substr($$0, 1, n - 1), substr($$0, n + 2) }' Makefile
