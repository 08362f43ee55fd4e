#!/usr/bin/env bash
# batch_compare.sh: trainings side by side, sessions exported, and a recipe on a new dump.
. "$(dirname "${BASH_SOURCE[0]}")/batch_lib.bash" "$1"

make_reviews 600 reviews.csv
train() { # SESSION SEED LEARNER…
    local session=$1 seed=$2
    shift 2
    recipe r.sluice
    sed -i "s/random_state=1/random_state=$seed/; s/^logistic.*/$*/" r.sluice
    run 0 "trained: $session" run r.sluice --session "$session.session"
}
for seed in 1 2 3 4; do
    train "a$seed" $seed logistic C=1.0
    train "b$seed" $seed logistic C=0.000001
done

run 0 "two sessions are compared" compare a1.session b1.session
holds "with last, best and step" out '^a1 +done +[0-9]+ +0\.[0-9]{4} +0\.[0-9]{4} +[0-9]+ '
holds "and the seed" out 'split 1$'
holds "two models are judged on the same records" out "McNemar's exact test; of 150 test records"
holds "what differs: the recipe" out '^  \+ logistic C=0?\.?[0-9e-]+'
holds "and the parameter" out '^  logistic\.C +1  ->  1e-06'
lacks "what does not differ is not shown" out 'tfidf|fingerprint|compiler'

run 0 "a session is compared with itself" compare a1.session a1.session
holds "nothing differs" out 'nothing differs'

run 0 "repeated seeds are groups" compare a?.session b?.session --sort best
holds "with mean and deviation" out '^a1 ×4: the same but for the seeds; last test_accuracy 0\.[0-9]+ ± 0\.[0-9]+ \(4\)'
holds "and judged by a paired test" out '(cannot tell whether b1 ×4|a1 ×4 is better than b1 ×4).*paired t-test; 4 pairs of equal seeds, corrected'
same "best first" "$(sed -n 2p out | cut -c1)" a
run 0 "sorted by name" compare b1.session a1.session --sort name
same "the first name first" "$(sed -n 2p out | cut -c1-2)" a1
run 0 "two seeds are too few" compare a1.session a2.session b1.session b2.session
holds "and nothing is told" out 'cannot tell whether b1 ×2 is better than a1 ×2: 2 pairs of equal seeds'

run 0 "as JSON" compare --json --metric loss a?.session b?.session
is_json_lines "an object a line" out
same "an object for each training" "$(grep -c '"event":"run"' out)" 8
same "for each group" "$(grep -c '"event":"group"' out)" 2
holds "with the band's deviation" out '"band":\[\{"step":1,"n":4,"mean":0\.[0-9]+,"sd":'
holds "and the judgement" out '"event":"judgement","first":"a1 ×4","second":"b1 ×4","better":"'

run 2 "a metric that does not exist" compare a1.session b1.session --metric beauty
holds "the metrics are told" err 'test_accuracy'
run 1 "what is no session is refused" compare a1.session reviews.csv
holds "by name" err 'reviews\.csv'
run 2 "compare needs something" compare

run 0 "a session is exported" export a1.session out.d
for file in recipe.sluice events.jsonl metrics.csv result.json loss.svg loss.png accuracy.svg accuracy.png; do
    if [ -s "out.d/$file" ]; then ok "there is $file"; else not_ok "there is $file" "$(ls out.d)"; fi
done
is_json_lines "events are JSON" out.d/events.jsonl
same "a PNG is one" "$(head -c 4 out.d/loss.png | tail -c 3)" PNG
cp out.d/recipe.sluice again.sluice
run 0 "and trains to the same figures" run again.sluice --session again.session
run 0 "as compare says" compare a1.session again.session
lacks "no figure differs" out '^result'
run 1 "a file in the way is not replaced" export a1.session reviews.csv
run 1 "a session that is not there" export nowhere.session out.d
if [ ! -e nowhere.session ]; then ok "and none is made"; else not_ok "and none is made" "$(ls)"; fi

sed '1s/$/,length/; 2,$s/$/,3/' reviews.csv | sed 's/superb/gorgeous/g' >tomorrow.csv
run 0 "a recipe runs on a new dump" run --like a1.session tomorrow.csv --session tomorrow.session
holds "a new column is told" out '^  length: is new \(number\)'
holds "so are shares of missing values" out '^  text: text; missing 0\.00 % -> 0\.00 %'
holds "classes are compared" out 'chi-square .*, p = '
holds "unseen words are told" out '^  tfidf text: 0\.00 % -> [0-9.]+ % of all words; 1 of '
holds "it trains" out '^accuracy +0\.'
run 0 "the new session predicts" predict tomorrow.session tomorrow.csv -o p.csv
run 0 "what is new about it can be compared" compare a1.session tomorrow.session
holds "other data: cannot tell" out 'cannot tell.*different data'
run 0 "as JSON" run --like a1.session tomorrow.csv --json
is_json_lines "an object a line" out
holds "with the drift first" <(head -n 1 out) '^\{"event":"drift","same_bytes":false,"before_known":true'
run 1 "data that are not there" run --like a1.session nowhere.csv
cut -d, -f1 reviews.csv >unlabelled.csv
run 1 "data that do not fit are refused" run --like a1.session unlabelled.csv
holds "but the drift is told" out '^  verdict: is gone \(text\)'
run 2 "without --like a recipe is one file" run again.sluice reviews.csv

end
