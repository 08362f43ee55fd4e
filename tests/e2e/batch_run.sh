#!/usr/bin/env bash
# batch_run.sh: recipes run to their figures: as tables, as JSON, with settings, with data that cannot all be read.
. "$(dirname "${BASH_SOURCE[0]}")/batch_lib.bash" "$1"

make_reviews 400 reviews.csv
recipe r.sluice

run 0 "a recipe runs" run r.sluice
for what in accuracy 'log loss' 'ROC AUC' precision Confusion quarantined total 'peak memory'; do
    holds "the report has $what" out "$what"
done
lacks "no escape sequences in a pipe" out $'\033'
lacks "no progress line in a pipe" err $'\r'
holds "the quarantined records are counted" out '^quarantined +2$'
holds "a quarantined record is named by line" err 'reviews\.csv:13: 3 fields'

run 0 "a recipe runs with --json" run r.sluice --json
cp out json
is_json_lines "every line of --json is an object" json
same "the last event is the result" "$(tail -n 1 json | grep -c '^{"event":"result"')" 1
same "there is one result" "$(grep -c '"event":"result"' json)" 1
holds "there is a progress event" json '^\{"event":"progress","phase":"[a-z]+","fraction":'
holds "there are metric events" json '^\{"event":"metric","step":1,.*"loss":.*"gradient_norm":.*"train_accuracy":.*"test_accuracy":.*"test_loss":.*"seconds":'
same "records are counted" "$(number json records)" 402
same "quarantined ones too" "$(number json quarantined)" 2
same "train and test make the rest" "$(($(number json n_train) + $(number json n_test)))" 400
for key in accuracy train_accuracy log_loss roc_auc peak_rss_bytes; do
    if [ -n "$(number json $key)" ]; then ok "the result has $key"; else not_ok "the result has $key" "$(tail -n 1 json)"; fi
done
holds "the result has seconds by phase" json '"seconds":\{"read":[0-9.e-]+,"split":.*"train":.*"total":'
holds "the result has the confusion" json '"confusion":\[\[[0-9]+,[0-9]+\],\[[0-9]+,[0-9]+\]\]'
if awk -v a="$(number json accuracy)" 'BEGIN { exit !(a > 0.7 && a <= 1) }'; then
    ok "it has learned"
else
    not_ok "it has learned" "$(number json accuracy)"
fi

# What depends on the clock or the machine, taken out.
facts() { grep -v '"progress"' "$1" | sed -E 's/,"seconds":(\{[^}]*\}|[^,}]*)//; s/,"peak_rss_bytes":[0-9]+//'; }
run 0 "it runs on one thread" run r.sluice --json --threads 1
cp out one
run 0 "it runs on three threads" run r.sluice --json --threads 3
same "threads make no difference to a bit" "$(facts one)" "$(facts out)"
run 0 "it runs in little memory" run r.sluice --json --memory 32M
same "memory makes no difference to a bit" "$(facts one)" "$(facts out)"

run 0 "a parameter can be set" run r.sluice --json --set tfidf.max_features=5 --set logistic.C=0.5
same "the setting is used" "$(number out features)" 5
run 1 "a wrong setting fails" run r.sluice --set tfidf.max_featurs=5
holds "a wrong setting is guessed" err 'max_features'
run 1 "a setting of no stage fails" run r.sluice --set tfidv.max_features=5
run 1 "a setting without sense fails" run r.sluice --json --set split.test_size=1.5
is_json_lines "an error event is an object" out
holds "the error is an event" out '^\{"event":"error","message":'
lacks "a failed run has no result" out '"event":"result"'

run 0 "the quarantine can be kept" run r.sluice --quarantine q.csv
same "it has a line for each record" "$(wc -l <q.csv)" 3
holds "it says which, where and why" q.csv 'reviews\.csv,24,[0-9]+,[0-9]+,"?1 field'

sed '/^train$/d' r.sluice >nn.sluice
run 0 "a learner is trained without being told" run nn.sluice --json
same "with the same outcome" "$(facts out | tail -n 1)" "$(facts one | tail -n 1)"

printf 'read csv reviews.csv\nstrip_html text\nfilter verdict == "plus"\nexport clean.csv\n' >c.sluice
run 0 "a recipe without a learner runs" run c.sluice --json
cp out clean.json
same "its accuracy is null" "$(grep -c '"event":"result","accuracy":null,' clean.json)" 1
same "its records are counted" "$(number clean.json records)/$(number clean.json quarantined)/$(number clean.json dropped)" 402/2/200
same "its file has the records" "$(wc -l <clean.csv)" 201
lacks "they are clean" clean.csv '<b>'
printf 'read csv reviews.csv\nstrip_html text\nfilter verdict == "plus"\n' >n.sluice
run 0 "a recipe without an end runs" run n.sluice --json
same "its records are counted too" "$(number out records)/$(number out quarantined)/$(number out dropped)" 402/2/200
printf 'read csv reviews.csv\n' >l.sluice
run 0 "a reader alone runs" run l.sluice
holds "a reader alone tells of its columns" out '^verdict: category, 400 records, 0 missing, 2 distinct'

run 0 "a run is repeatable" run r.sluice --json
same "to the bit" "$(facts out)" "$(facts one)"

"$program" run r.sluice --json 2>err | head -n 1 >out
lacks "a reader of the pipe that leaves is no error" err 'Broken|cannot'
holds "and got its line" out '^\{"event":'
if [ -w /dev/full ]; then
    "$program" run r.sluice --json >/dev/full 2>err </dev/null
    same "a full disk is a failure" $? 1
    holds "a full disk is named" err 'No space left'
    "$program" stages >/dev/full 2>err </dev/null
    same "a full disk is a failure of stages too" $? 1
fi
end
