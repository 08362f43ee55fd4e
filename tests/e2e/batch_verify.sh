#!/usr/bin/env bash
# batch_verify.sh: a training carried out again and compared; what was changed since is found and named.
. "$(dirname "${BASH_SOURCE[0]}")/batch_lib.bash" "$1"

make_reviews 600 reviews.csv
recipe r.sluice
run 0 "a recipe is trained" run r.sluice --session a.session

run 0 "what is as it was agrees" verify a.session
holds "it was carried out" out '^a\.session, training 1 \(done\): carried out again in [0-9.]+ m?s; then it took '
for what in recipe files columns 'blocks of data' records stages split features points models weights 'final figures'; do
    holds "$what agree" out "^$what +([0-9,]+) of \\1( |$)"
done
holds "and so it says" out '^Everything agrees, to the bit\.$'
lacks "without a cause" out 'likely cause'
run 0 "with one thread and little memory too" verify a.session --threads 1 --memory 16M
run 0 "as JSON" verify a.session --json
is_json_lines "an object a line" out
holds "with its verdict" <(tail -n 1 out) '"event":"verified","session":"a.session","run":1,"state":"done","executed":true,"agrees":true'
run 0 "a dry run carries nothing out" verify a.session --dry-run
holds "but says where the data are" out 'reviews\.csv$'
holds "and their size" out "then $(wc -c <reviews.csv) bytes, 20[0-9-]+ [0-9:]+ UTC"
lacks "no point is compared" out '^points'

mkdir elsewhere
mv reviews.csv elsewhere
run 1 "data that are not there" verify a.session
holds "are told, with what to do" out 'reviews\.csv" is not there; say where it is with --data PATH'
run 0 "the same bytes elsewhere agree" verify a.session --data elsewhere/reviews.csv
run 0 "in a folder, too" verify a.session --data elsewhere
run 2 "--data needs a path" verify a.session --data
run 1 "one file is not two" verify a.session --data elsewhere/reviews.csv --data elsewhere/reviews.csv
holds "as it says" err '2 files are given, but the training read 1'

sed '302s/book/bOok/; 302s/chair/cHair/; 302s/film/fIlm/; 302s/tea/tEa/' elsewhere/reviews.csv >byte.csv
run 1 "another byte is found" verify a.session --data byte.csv
holds "by file, record and line" out 'likely cause: other data: "byte\.csv" differs from record 300 on \(line 302\)$'
holds "and the stage" out '^stages +[0-9] of [0-9] +stage 1, "read csv reviews\.csv"'
holds "lowercase makes it the same again" out '^features +2 of 2'
awk 'NR == 5 { keep = $0; next } { print } NR == 6 { print keep }' elsewhere/reviews.csv >swapped.csv
run 1 "two records swapped are found" verify a.session --data swapped.csv
holds "as another order" out 'likely cause: other record order: the same 602 records .*record 3 on \(line 5\)$'
{ head -n 1 elsewhere/reviews.csv && tail -n +2 elsewhere/reviews.csv | tac; } >reversed.csv
run 1 "so is the file reversed" verify a.session --data reversed.csv
holds "as another order" out 'likely cause: other record order'
head -n 401 elsewhere/reviews.csv >short.csv
run 1 "a file cut short is found" verify a.session --data short.csv
holds "without carrying it out" out ': the data are not as they were, so nothing was carried out$'
holds "by what is gone" out 'likely cause: other data: 202 records are gone: "short\.csv" ends early: there is no record 400$'
sed '1s/text/words/' elsewhere/reviews.csv >columns.csv
run 1 "another column" verify a.session --data columns.csv
holds "is told" out '"text" is gone; "words" \(text\) is new'

run 1 "what is no session" verify elsewhere/reviews.csv
holds "is refused by name" err 'reviews\.csv'
run 1 "a training that is not there" verify a.session --run 7
holds "is told" err 'a\.session" has no training 7'
run 2 "a session is needed" verify

end
