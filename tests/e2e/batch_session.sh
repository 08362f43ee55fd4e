#!/usr/bin/env bash
# batch_session.sh: sessions kept, predicted with, listed, interrupted and gone on with; the shell and --plain.
. "$(dirname "${BASH_SOURCE[0]}")/batch_lib.bash" "$1"

make_reviews 400 reviews.csv
recipe r.sluice

run 0 "a session is kept" run r.sluice --json --session s.session
cp out run.json
if [ -s s.session ]; then ok "it is a file"; else not_ok "it is a file" "$(ls)"; fi
run 1 "an existing session is not overwritten" run r.sluice --session s.session
holds "and the way on is told" err 'sluice shell s\.session'
run 1 "a session where none can be written" run r.sluice --session nowhere/s.session
holds "the folder is named" err 'nowhere'

run 0 "a session predicts" predict s.session reviews.csv -o p.csv
same "a line for every record read" "$(wc -l <p.csv)" 403
holds "with label and probabilities" p.csv '^record,verdict,p_minus,p_plus,note$'
holds "a bad record has its reason" p.csv '^11,,,,"?3 fields'
holds "it warns of the quarantine" err '2 records'
run 0 "it predicts to standard output" predict s.session reviews.csv
same "the same" "$(cat out)" "$(cat p.csv)"
run 0 "it predicts on one thread" predict s.session reviews.csv --threads 1 -o p1.csv
same "the same with one thread" "$(cat p1.csv)" "$(cat p.csv)"
cut -d, -f1 reviews.csv | sed '13d;24d' >unlabelled.csv
run 0 "it predicts records without a label" predict s.session unlabelled.csv -o u.csv
same "the same labels" "$(cut -d, -f2-4 u.csv | sed 1d)" "$(grep -v ',,,' p.csv | cut -d, -f2-4 | sed 1d)"
run 1 "columns that are not those of training are refused" predict s.session s.session
printf 'a,b\n1,2\n' >other.csv
run 1 "other columns are refused" predict s.session other.csv -o o.csv
if [ ! -e o.csv ]; then ok "and nothing is written"; else not_ok "and nothing is written" "$(head -n 3 o.csv)"; fi
run 1 "a missing file is refused" predict s.session nowhere.csv
holds "by name" err 'nowhere\.csv'
run 1 "what is no session is refused" predict reviews.csv reviews.csv
run 1 "output where none can be written" predict s.session reviews.csv -o nowhere/p.csv
run 1 "output over the input is refused" predict s.session reviews.csv -o reviews.csv
run 1 "output over the session is refused" predict s.session reviews.csv -o s.session
run 0 "the session is whole still" predict s.session reviews.csv -o p2.csv
same "and predicts the same" "$(cat p2.csv)" "$(cat p.csv)"
run 0 "predict keeps the quarantine" predict s.session reviews.csv -o p2.csv --quarantine q.csv
same "as CSV" "$(wc -l <q.csv)" 3

run 0 "runs lists sessions" runs
holds "with state and accuracy" out '^s\.session +done +402 '
run 0 "runs lists as JSON" runs --json
is_json_lines "an object a line" out
mkdir none
run 0 "an empty folder has no runs" runs none
run 1 "a folder that is not there is an error" runs nowhere

# An endless training, interrupted.
sed 's/^logistic.*/logistic solver=sgd max_iter=1000000000 tol=1e-15/; /^train$/d' r.sluice >long.sluice
for signal in INT TERM; do
    # Job control, so that the background process does not ignore SIGINT.
    set -m
    "$program" run long.sluice --json --session long.$signal.session >events 2>err </dev/null &
    pid=$!
    set +m
    for _ in $(seq 600); do
        grep -q '"event":"metric"' events && break
        sleep 0.05
    done
    kill -$signal $pid
    wait $pid
    same "SIG$signal ends a run with 130" $? 130
    holds "SIG$signal: what was done is told" err 'interrupted after step [0-9]+; the session is saved'
    holds "SIG$signal: the way on is told" err "sluice resume long\.$signal\.session"
    holds "SIG$signal: the last event is an error" <(tail -n 1 events) '"event":"error".*"interrupted":true'
    run 0 "SIG$signal: the session opens" runs --json
    holds "SIG$signal: it says so" out "long\.$signal\.session.*\"state\":\"interrupted\""
done
steps=$(grep -c '"event":"metric"' events)
# Gone on with until it is beyond where it was, and interrupted again.
mkfifo lines
set -m
"$program" shell long.TERM.session <lines >out 2>err &
pid=$!
set +m
exec 3>lines
echo resume >&3
later=0
for _ in $(seq 600); do
    "$program" runs --json >runs.out 2>/dev/null
    later=$(grep -F long.TERM runs.out | grep -o '"steps":[0-9]*' | cut -d: -f2)
    [ "${later:-0}" -gt "$steps" ] && break
    sleep 0.05
done
kill -INT $pid
wait $pid
same "a script is interrupted with 130" $? 130
exec 3>&-
if [ "${later:-0}" -gt "$steps" ]; then
    ok "resume has gone on"
else
    not_ok "resume has gone on" "step ${later:-?} after $steps" "$(cat out err runs.out)"
fi

set -m
"$program" run long.sluice --json --session killed.session >events 2>err </dev/null &
pid=$!
set +m
for _ in $(seq 600); do
    [ "$(grep -c '"event":"metric"' events)" -ge 3 ] && break
    sleep 0.05
done
kill -KILL $pid
wait $pid 2>/dev/null
shown=$(grep -c '"event":"metric"' events)
printf 'show train 1\n' | "$program" shell killed.session >out 2>err
kept=$(grep -o '^step [0-9]*' out | tail -n 1 | cut -d' ' -f2)
if [ "${kept:-0}" -ge "$shown" ]; then ok "kill -9 loses no point that was shown"; else not_ok "kill -9 loses no point that was shown" "$kept of $shown" "$(cat out err)"; fi

# The shell from a pipe.
printf 'read csv reviews.csv\nstrip_html text\nlabel verdict\nsplit random_state=1\ntfidf text\nlogistic\ntrain\nshow result\nexport e.csv what=data\nquit\nnonsense\n' |
    "$program" shell new.session >out 2>err
same "a script makes a session" $? 0
holds "train is done before the next line" out '^accuracy +0\.'
holds "progress is told by line" out '^done: train accuracy'
if [ -s e.csv ]; then ok "export has written"; else not_ok "export has written" "$(cat err)"; fi
lacks "nothing after quit is read" err 'nonsense'
printf 'show pipeline\n' | "$program" shell new.session >out 2>err
holds "the session brings the recipe back" out '^5\. tfidf text'
printf 'read csv reviews.csv\nlowercas text\nlabel verdict\n' | "$program" shell >out 2>err
same "an error ends a script" $? 1
holds "with its line" err 'standard input:2:.*"lowercase"'
printf 'read csv reviews.csv\nlowercase \\\n text\nshow recipe' | "$program" shell >out 2>err
holds "a joined line, and a last one without its end" out '^lowercase text$'
for what in data pipeline recipe train quarantine profile runs; do
    printf 'read csv reviews.csv\nstrip_html text\nshow %s\n' $what | "$program" shell >out 2>err
    same "show $what" $? 0
    lacks "show $what sends no escape sequence" out $'\033'
done
printf 'read csv reviews.csv\nstrip_html text\nshow data 10 n=2\n' | "$program" shell >out 2>err
holds "a record is shown raw" out '^  text raw: .*<b>'
holds "and clean" out '^  text clean: [^<]*$'
holds "a quarantined one with its reason" out '^record 11, line 13, quarantined: 3 fields'

# --plain
printf 'show data 0 n=1\ntrain\n' | "$program" --plain r.sluice >out 2>err
same "--plain works from a pipe" $? 0
holds "--plain keeps a session" err 'kept in .*r[a-z]*\.session'
holds "--plain tells the end of a training" out '^done: train accuracy'
lacks "--plain sends no escape sequence" out $'\033|\r'
run 0 "--plain --train trains" --plain r.sluice --train
holds "and says so" out '^done: train accuracy'
run 1 "--plain: a file that is not there" --plain nowhere.csv
end
