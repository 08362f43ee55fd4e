# files.sh: sourced by the checks: c_files [FOLDER…] lists the C files, headers and GPU kernels, one a line.
set -uo pipefail

c_files() {
    [ $# -gt 0 ] || set -- engine sessions tui include tests
    local folder
    for folder in "$@"; do
        [ ! -d "$folder" ] || find "$folder" -name '*.[ch]' -o -name '*.cu'
    done | LC_ALL=C sort
}

# A check that found nothing to look at has not passed.
need_files() {
    [ -n "$1" ] && return 0
    echo "no C file found from $PWD: run from the top folder"
    exit 1
}
