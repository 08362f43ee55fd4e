#!/usr/bin/env bash
# setup.sh: install what building (`build`), testing (`test`) or trying (`data`) Sluice needs and this machine lacks.
#
# A thing is missing when it cannot be used (no such command, unknown to pkg-config), not when a
# package is absent: libraries built by hand count. Nothing is touched when nothing is missing.
# Knows apt-get (Debian 12 and 13, Ubuntu 22.04 and 24.04); elsewhere it lists what is needed.
set -euo pipefail

# group | what is needed | package on Debian and Ubuntu | how to tell
needs() {
    cat <<'TABLE'
build|a C17 compiler (gcc)|gcc|command gcc
build|the C library's headers|libc6-dev|header stdio.h
build|pkg-config|pkg-config|command pkg-config
build|ncurses (wide)|libncurses-dev|library ncursesw
build|GNU readline|libreadline-dev|library readline
build|SQLite 3|libsqlite3-dev|library sqlite3
build|PCRE2 (8 bit)|libpcre2-dev|library libpcre2-8
build|utf8proc|libutf8proc-dev|library libutf8proc
build|zlib|zlib1g-dev|library zlib
build|libdeflate|libdeflate-dev|library libdeflate
build|Zstandard|libzstd-dev|library libzstd
build|xxHash|libxxhash-dev|library libxxhash
build|libpng|libpng-dev|library libpng
build|libjpeg-turbo|libjpeg-dev|library libjpeg
build|OpenBLAS|libopenblas-dev|library openblas
test|cmocka|libcmocka-dev|library cmocka
test|libvterm|libvterm-dev|library vterm
test|clang|clang|command clang
test|clang-format|clang-format|format
test|libFuzzer and clang's sanitizers|@clang-runtime|fuzzer
data|the pictures of Fashion-MNIST|dataset-fashion-mnist|file /usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz
TABLE
}

have() {
    case $1 in
    command) command -v "$2" >/dev/null 2>&1 ;;
    header) echo "#include <$2>" | gcc -E -x c - -o /dev/null 2>/dev/null ;;
    library) pkg-config --exists "$2" 2>/dev/null ;;
    file) [ -e "$2" ] ;;
    format) command -v clang-format-14 >/dev/null 2>&1 || command -v clang-format >/dev/null 2>&1 ;;
    fuzzer) have_fuzzer ;;
    esac
}

# The runtime is found by using it: which package carries it differs between releases.
have_fuzzer() {
    local out status=0
    out=$(mktemp) || return 1
    echo 'int LLVMFuzzerTestOneInput(const char *d, long n); int LLVMFuzzerTestOneInput(const char *d, long n) { return d == 0 && n < 0; }' |
        clang -fsanitize=fuzzer,address,undefined -x c - -o "$out" 2>/dev/null || status=1
    rm -f "$out"
    return $status
}

# Debian 12 and later split the runtime off as libclang-rt-N-dev; Ubuntu 22.04 has it in libclang-common-N-dev.
clang_runtime_package() {
    local n
    n=$(clang -dumpversion 2>/dev/null | cut -d. -f1)
    [ -n "$n" ] || n=$(apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-\([0-9][0-9]*\)$/\1/p' | head -n 1)
    if apt-cache show "libclang-rt-$n-dev" >/dev/null 2>&1; then
        echo "libclang-rt-$n-dev"
    else
        echo "libclang-common-$n-dev"
    fi
}

find_missing() {
    missing_names=() missing_packages=()
    local group name package how what
    while IFS='|' read -r group name package how; do
        case " $groups " in *" $group "*) ;; *) continue ;; esac
        read -r how what <<<"$how"
        have "$how" "${what:-}" && continue
        missing_names+=("$name")
        missing_packages+=("$package")
    done < <(needs)
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

apt() {
    local try
    for try in 1 2 3; do
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" && return 0
        [ "$try" -eq 3 ] || { echo "setup: 'apt-get $1' failed, trying again" >&2 && sleep 5; }
    done
    return 1
}

groups="$*"
[ -n "$groups" ] || groups="build test"
find_missing
if [ ${#missing_names[@]} -eq 0 ]; then
    exit 0
fi

if ! command -v apt-get >/dev/null 2>&1; then
    {
        echo "setup: these are missing, and this system has no apt-get to install them with:"
        printf '  %s\n' "${missing_names[@]}"
        echo "install them (headers included) with the system's package manager, then run make again"
    } >&2
    exit 1
fi
if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null 2>&1; then
    echo "setup: not root and no sudo; as root, run: apt-get install ${missing_packages[*]//@clang-runtime/libclang-rt-dev}" >&2
    exit 1
fi

echo "setup: missing: $(printf '%s, ' "${missing_names[@]}" | sed 's/, $//')"
apt update >/dev/null || echo "setup: could not refresh the package lists, going on with those at hand" >&2
packages=()
for package in "${missing_packages[@]}"; do
    [ "$package" = @clang-runtime ] && package=$(clang_runtime_package)
    # The format check is exact only with the version the house formats with.
    if [ "$package" = clang-format ] && apt-cache show clang-format-14 >/dev/null 2>&1; then
        package=clang-format-14
    fi
    packages+=("$package")
done
echo "setup: installing: ${packages[*]}"
apt install --no-install-recommends "${packages[@]}" || { echo "setup: apt-get could not install: ${packages[*]}" >&2 && exit 1; }

find_missing
if [ ${#missing_names[@]} -ne 0 ]; then
    echo "setup: still missing after the installation: $(printf '%s, ' "${missing_names[@]}" | sed 's/, $//')" >&2
    exit 1
fi
echo "setup: done"
