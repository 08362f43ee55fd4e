#!/usr/bin/env bash
# batch_usage.sh: help, versions, wrong usage, colours, completion: what the program says before it works.
. "$(dirname "${BASH_SOURCE[0]}")/batch_lib.bash" "$1"

run 0 "--version answers" --version
holds "--version names program and number" out '^sluice [0-9]+\.[0-9]+'
run 0 "--help answers" --help
for command in run predict runs stages check shell help; do
    holds "--help names $command" out "sluice $command"
done
for command in run predict runs stages check shell help; do
    run 0 "$command --help answers" $command --help
    holds "$command --help shows its usage" out "^usage: sluice $command"
    cp out first
    run 0 "help $command answers" help $command
    same "help $command says the same" "$(cat out)" "$(cat first)"
done

run 2 "a misspelt command is wrong usage" rum
holds "a misspelt command is guessed" err 'did you mean: sluice run'
run 2 "an unknown command is wrong usage" xyzzy
holds "an unknown command leads to the help" err 'sluice --help'
run 2 "run without a recipe is wrong usage" run
run 2 "a misspelt option is wrong usage" run a.sluice --jsno
holds "a misspelt option is guessed" err 'did you mean --json'
run 2 "another command's option is wrong usage" check a.sluice --json
run 2 "a nonsensical size is wrong usage" run a.sluice --memory lots
holds "a nonsensical size is explained" err '512M'
run 2 "no threads are wrong usage" run a.sluice --threads 0
run 2 "a setting without a dot is wrong usage" run a.sluice --set max=1
run 2 "the workbench needs a terminal" --ascii
holds "without a terminal the other ways are named" err 'sluice run'
run 2 "an unknown stage is wrong usage" stages tfdf
holds "an unknown stage is guessed" err '"tfidf"'
same "wrong usage is one line" "$(wc -l <err)" 1
same "errors leave standard output empty" "$(wc -c <out)" 0

run 0 "stages lists the stages" stages
holds "a line begins with the stage's name" out '^tfidf  '
holds "sources are listed" out '^read csv  '
same "each stage has a line" "$(grep -c '^[a-z]' out)" "$(grep '^[a-z]' out | sort -u | wc -l)"
while read -r name _; do
    "$program" stages "$name" >help.out 2>&1 || not_ok "stages $name answers" "$(cat help.out)"
done < <(grep '^[a-z]' out)
ok "each stage of the list is explained"
run 0 "a stage of two words is explained" stages read csv
holds "a stage's help has parameters" out '^parameters'
run 0 "a command of the session is explained" stages train

run 0 "colours can be had in a pipe" stages --color=always
holds "with --color=always there are escape sequences" out $'\033'
run 0 "no colours in a pipe" stages
lacks "a pipe gets no escape sequence" out $'\033'
NO_COLOR=1 "$program" stages --color=always >out 2>err
holds "--color=always stands over NO_COLOR" out $'\033'
if command -v script >/dev/null 2>&1; then
    # shellcheck disable=SC2016
    PROGRAM=$program script -qec '"$PROGRAM" stages' /dev/null >out 2>err </dev/null
    holds "a terminal gets colours" out $'\033\\[1m'
    NO_COLOR=1 PROGRAM=$program script -qec '"$PROGRAM" stages' /dev/null >out 2>err </dev/null
    lacks "NO_COLOR is obeyed on a terminal" out $'\033\\[1m'
fi

run 0 "completion answers" --complete ru
holds "completion offers commands" out '^runs$'
run 0 "completion of settings answers" --complete run a.sluice --set ''
holds "completion offers parameters" out '^tfidf\.max_features=$'

run 0 "the manual page is printed" stages --man
cp out sluice.1
holds "the manual page has its title" sluice.1 '^\.TH SLUICE 1 '
if command -v man >/dev/null 2>&1 && command -v groff >/dev/null 2>&1; then
    man --warnings -E UTF-8 -l sluice.1 >/dev/null 2>man.err
    same "man has no warning about it" "$(cat man.err)" ""
fi
if command -v mandoc >/dev/null 2>&1; then
    same "mandoc finds neither error nor warning" "$(mandoc -T lint -W warning sluice.1 2>&1)" ""
fi
end
