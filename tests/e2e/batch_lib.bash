# batch_lib.bash: sourced by the batch_*.sh tests: small data, and checks that print "ok - …" or "not ok - …".
#
# Each script gets the program's path as $1 and works in a folder of its own. `end` prints the counts.
set -uo pipefail
export LC_ALL=C.UTF-8
unset NO_COLOR

program=$1
case $program in /*) ;; *) program=$PWD/$program ;; esac
work=$(mktemp -d "${TMPDIR:-/tmp}/sluice-batch.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0 failed=0

ok() { # WHAT
    echo "ok - $1"
    passed=$((passed + 1))
}

not_ok() { # WHAT DETAIL…
    echo "not ok - $1"
    shift
    printf '%s\n' "$@" | head -n 20 | sed 's/^/#   /'
    failed=$((failed + 1))
}

# run STATUS WHAT ARGUMENT…: the program's output goes to the files out and err; checks the exit status.
run() {
    local expected=$1 what=$2 status
    shift 2
    "$program" "$@" >out 2>err </dev/null
    status=$?
    if [ $status -eq "$expected" ]; then
        ok "$what"
    else
        not_ok "$what" "status $status, not $expected: sluice $*" "$(head -c 600 out)" "$(head -c 600 err)"
    fi
}

holds() { # WHAT FILE PATTERN: a line matches the extended regular expression
    if grep -a -q -E -e "$3" "$2"; then
        ok "$1"
    else
        not_ok "$1" "no line of $2 matches: $3" "$(head -c 800 "$2")"
    fi
}

lacks() { # WHAT FILE PATTERN
    if grep -a -q -E -e "$3" "$2"; then
        not_ok "$1" "$2 has: $(grep -a -E -e "$3" "$2" | head -n 3)"
    else
        ok "$1"
    fi
}

same() { # WHAT A B: two values are equal
    if [ "$2" = "$3" ]; then
        ok "$1"
    else
        not_ok "$1" "$2" "is not" "$3"
    fi
}

# Every line of a file is a JSON object: read by the program's own strict reader, which quarantines what is none.
is_json_lines() { # WHAT FILE
    local lines
    lines=$(wc -l <"$2")
    cp "$2" lines.jsonl
    printf 'read jsonl lines.jsonl\n' >lines.sluice
    "$program" run lines.sluice --json >lines.out 2>lines.err </dev/null
    if [ "$lines" -gt 0 ] && grep -q "\"records\":$lines,\"quarantined\":0," lines.out; then
        ok "$1"
    else
        not_ok "$1" "$lines lines" "$(cat lines.out lines.err)"
    fi
}

# The number of key KEY in the last line of a file of JSON objects.
number() { # FILE KEY
    tail -n 1 "$1" | grep -o "\"$2\":[-+0-9.eE]*" | head -n 1 | cut -d: -f2
}

# Texts of ten words, 2 classes told apart by some of them but not by all; N records and two that cannot be read.
make_reviews() { # N FILE
    awk -v n="$1" 'BEGIN {
        split("good great fine lovely superb bad awful poor dull nasty", tell, " ")
        split("film book lamp shoe tea hotel train song chair soup", thing, " ")
        seed = 7
        print "text,verdict"
        for (i = 0; i < n; i++) {
            class = i % 2
            line = ""
            for (w = 0; w < 10; w++) {
                seed = (seed * 1103515245 + 12345) % 2147483648
                r = int(seed / 65536)
                if (r % 10 < 3) {
                    k = (r / 10) % 10
                    if (k < 8) k = (k % 5) + 5 * class
                    line = line " " tell[int(k) + 1]
                } else
                    line = line " <b>" thing[int(r / 10) % 10 + 1] "</b>"
            }
            print substr(line, 2) "," (class ? "minus" : "plus")
            if (i == 10) print "one,two,three"
            if (i == 20) print "only"
        }
    }' >"$2"
}

recipe() { # FILE: a recipe on reviews.csv
    cat >"$1" <<'RECIPE'
# from text to verdict
read csv reviews.csv
lowercase text
strip_html text
label verdict
split test_size=0.25 random_state=1
tfidf text
logistic C=1.0
train
RECIPE
}

end() {
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
    exit
}
