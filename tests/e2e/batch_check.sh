#!/usr/bin/env bash
# batch_check.sh: recipes that make no sense are refused with file, line, column and the fix; nothing is run.
. "$(dirname "${BASH_SOURCE[0]}")/batch_lib.bash" "$1"

make_reviews 60 reviews.csv
recipe good.sluice
run 0 "a good recipe is fine" check good.sluice
holds "its stages and columns are counted" out '^good\.sluice: ok, 7 stages, 2 columns in'

# refused WHAT LINE:COLUMN WORDS <<recipe: check and run both say so, and where.
refused() {
    local what=$1 place=$2 words=$3
    cat >bad.sluice
    run 1 "$what" check bad.sluice
    holds "$what: the place is told" err "^sluice: bad\.sluice:$place: "
    holds "$what: the reason is told" err "$words"
    holds "$what: the fix is told" err '; .'
    same "$what: nothing on standard output" "$(cat out)" ""
    run 1 "$what: run refuses it too" run bad.sluice
    holds "$what: run tells the same place" err "^sluice: bad\.sluice:$place: "
}

refused "a misspelt stage" 3:1 '"lowercas".*"lowercase"' <<'RECIPE'
# comment
read csv reviews.csv
lowercas text
RECIPE
refused "a misspelt parameter" 2:12 'max_featurs.*max_features' <<'RECIPE'
read csv reviews.csv
tfidf text max_featurs=10
RECIPE
refused "a value that is no number" 4:8 'test_size' <<'RECIPE'
read csv reviews.csv

label verdict
split  test_size=half
RECIPE
refused "a quote that is never closed" 2:9 'never closed' <<'RECIPE'
read csv reviews.csv
replace "text
RECIPE
refused "a column that is not there" 2:11 "no column 'txt'.*'text'" <<'RECIPE'
read csv reviews.csv
lowercase txt
RECIPE
refused "a stage that would leak the test records" 3:1 'leak' <<'RECIPE'
read csv reviews.csv
label verdict
tfidf text
split test_size=0.5
logistic
RECIPE
refused "a learner without a label" 3:1 'label' <<'RECIPE'
read csv reviews.csv
tfidf text
logistic
RECIPE
refused "an error behind a joined line" 4:3 'logistik' <<'RECIPE'
read csv reviews.csv
tfidf text \
  max_features=5
  logistik
RECIPE

printf 'read csv reviews.csv\nlowercas text\nlable verdict\n' >two.sluice
run 1 "two errors are one failure" check two.sluice
same "each of two errors has its line" "$(wc -l <err)" 2
printf 'read csv nowhere.csv\nlowercase text\n' >lost.sluice
run 1 "data that are not there" check lost.sluice
holds "the missing file is named" err 'nowhere\.csv'
run 1 "a recipe that is not there" check nowhere.sluice
holds "the missing recipe is named" err 'nowhere\.sluice'
run 1 "run: a recipe that is not there" run nowhere.sluice
: >empty.sluice
run 1 "an empty recipe" check empty.sluice
holds "an empty recipe: how to begin" err 'read FILE'
printf '\xef\xbb\xbfread csv reviews.csv\r\nlowercase text\r\n' >windows.sluice
run 0 "a recipe with BOM and CRLF" check windows.sluice
mkdir sub && recipe sub/good.sluice && cp reviews.csv sub/
run 0 "paths are relative to the recipe" check sub/good.sluice
end
