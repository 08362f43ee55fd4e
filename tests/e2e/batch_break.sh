#!/usr/bin/env bash
# batch_break.sh: run --break and --watch; stepping, breakpoints and lists in the shell.
. "$(dirname "${BASH_SOURCE[0]}")/batch_lib.bash" "$1"

make_reviews 400 reviews.csv
recipe r.sluice
# The one review of its kind, far behind, on line 372: record 370, for the header is none.
sed -i '372s/.*/Good.<br \/><br \/>The END,plus/' reviews.csv

run 3 "a breakpoint stops a run with a status of its own" run r.sluice --break 'strip_html: contains(text, "good.the")' \
    --watch 'len(text)'
holds "it says which breakpoint" out '^stopped by strip_html: contains\(text, "good\.the"\)$'
holds "file, line, record and statement" out '/reviews\.csv:372  record 370  stage 3 of 6  strip_html text  \(changed\)$'
holds "before and after" out '^  text: good\.\[-<br /><br />-\]the end$'
holds "the watch after every stage" out '^  watch 1  len\(text\): 24 \| 24 \| ~12 \| 12 \| 12$'
holds "how many passed" out '^370 records passed before$'
lacks "nothing was trained" out 'accuracy'
cp out first

for threads in 1 2 3; do
    run 3 "on $threads threads" run r.sluice --break 'strip_html: contains(text, "good.the")' --watch 'len(text)' \
        --threads $threads
    same "the same record" "$(cat out)" "$(cat first)"
done

run 3 "the first of several breakpoints in input order counts" run r.sluice --break 'strip_html: contains(text, "good.the")' \
    --break 'read csv: error' --break 'lowercase: every 399'
holds "it is the earliest" out '^stopped by lowercase: every 399$'
holds "of all" out 'record 0  stage 2 '
run 3 "a record that cannot be read is one to stop at" run r.sluice --break error
holds "with the reason" out 'record 11  stage 1 of 6 .*\(error\)'
holds "as in the quarantine" out '3 fields'

run 3 "a break is an event" run r.sluice --json --break 'strip_html: contains(text, "good.the")' --watch 'len(text)'
is_json_lines "all lines are objects" out
holds "with its place" out '"event":"break","hit":true,"breakpoint":"strip_html: contains\(text, \\"good\.the\\"\)","passed":370'
holds "before and after whole" out '"column":"text","before":"good\.<br /><br />the end","after":"good\.the end"'
holds "and watches" out '"expression":"len\(text\)","values":\[\{"stage":1,"changed":false,"value":24\}'

run 0 "without a hit the run goes on" run r.sluice --break 'len(text) > 99999'
holds "it says so" err 'no breakpoint stopped 402 records'
holds "and trains" out 'accuracy'
run 0 "as events" run r.sluice --json --break 'len(text) > 99999'
holds "too" out '"event":"break","hit":false,"records":402'
holds "with the result" out '"event":"result"'
run 0 "what has learned nothing yet does not stop it" run r.sluice --break 'tfidf: nonfinite'
holds "it says so" err 'tfidf has learned nothing before training'

run 1 "a misspelt stage is refused" run r.sluice --break 'strip_htm: changed'
holds "with the nearest" err '^sluice: --break: .*did you mean "strip_html"'
run 1 "an unknown column too" run r.sluice --break 'len(txt) < 3'
holds "by name" err "no column 'txt'"
run 1 "and a watch that makes no sense" run r.sluice --watch 'len(' --break changed
holds "by its option" err '^sluice: --watch: '
run 2 "an empty breakpoint is wrong usage" run r.sluice --break ''

run 3 "breakpoints stay in the session" run r.sluice --session s.session --break 'strip_html: contains(text, "good.the")'
cat >steps.txt <<'STEPS'
break
watch words(text)
step continue
step
step back-next
step into 2
goto trim@7
STEPS
sed -i '$d' steps.txt
"$program" shell s.session <steps.txt >out 2>err
same "the shell waits for a search" "$?" 0
holds "it lists what is kept" out '^breakpoint 1  strip_html: contains'
holds "it stops there" out '^stopped at record 370 by: strip_html: contains'
same "steps on, back and into" "$(grep -c 'record 370' out)" 5
holds "into an operation" out 'strip_html text  operation 2 of 2: '

cat >lists.txt <<'LISTS'
train
records cell plus minus
step next-record
audit
records changed strip_html
unbreak all
LISTS
"$program" shell s.session <lists.txt >out 2>err
same "it waits for lists and audits" "$?" 0
holds "the cell" out '^plus taken for minus: [0-9]+ records, most wrong first$'
holds "in the model" out '^  model: minus \(minus 0\.[5-9][0-9]*, plus 0\.'
holds "the audit" out '^402 records, of which 2 cannot be read'
holds "its list" out '^changed by strip_html: [0-9]+ records'
printf 'break\nstep\n' | "$program" shell s.session >out 2>err
holds "what was taken out is gone" out '^no breakpoints$'
printf 'step continue\n' | "$program" shell s.session >out 2>err
same "a search without breakpoints is an error" "$?" 1
holds "that says how to set one" err 'set one, for instance: break changed'

end
