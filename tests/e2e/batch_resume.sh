#!/usr/bin/env bash
# batch_resume.sh: a training gone on with: interrupted, refused, with other data, on a full disk; watched by another
# process; outliving its terminal's hang-up.
. "$(dirname "${BASH_SOURCE[0]}")/batch_lib.bash" "$1"

make_reviews 400 reviews.csv
recipe r.sluice
sed 's/^logistic.*/logistic solver=sgd max_iter=1000000000 tol=1e-15/' r.sluice >endless.sluice
sed 's/^logistic.*/logistic solver=sgd max_iter=30000 tol=1e-15/' r.sluice >short.sluice

# start FILE ARGUMENT…: in the background, output to FILE and FILE.err, with the signals of a terminal's own job.
start() {
    local file=$1
    shift
    set -m
    "$program" "$@" >"$file" 2>"$file.err" </dev/null &
    pid=$!
    set +m
}

wait_for_points() { # FILE N
    for _ in $(seq 1200); do
        [ "$(grep -c '"event":"metric"' "$1")" -ge "$2" ] && return
        kill -0 $pid || break
        sleep 0.05
    done
    not_ok "points come" "$(tail -n 3 "$1" "$1.err")"
}

interrupt() {
    kill -INT $pid
    wait $pid
}

state() { # SESSION
    "$program" runs --json 2>/dev/null | grep -F "\"$1\"" | grep -o '"state":"[a-z]*"' | cut -d'"' -f4
}

first_step() { # FILE OF EVENTS
    grep -m 1 '"event":"metric"' "$1" | grep -o '"step":[0-9]*' | cut -d: -f2
}

curve() { # FILE OF EVENTS [STEP]: the points from there on, without their wall seconds
    grep '"event":"metric"' "$1" | sed 's/,"seconds":.*//' | grep -A 1000000000 "\"step\":${2:-1}," | md5sum
}

figures() { # FILE OF EVENTS: the result without times and memory
    grep '"event":"result"' "$1" | sed 's/,"seconds":{[^}]*}//; s/,"peak_rss_bytes":[0-9]*//'
}

# limited KILOBYTES ARGUMENT…: run the program where no file may grow beyond that; output to events (through a pipe).
limited() {
    local limit=$1
    shift
    (ulimit -f "$limit" && exec "$program" "$@") 2>events.err </dev/null | cat >events
    return "${PIPESTATUS[0]}"
}

# Refusals.
run 1 "resume of a file that is not there" resume nowhere.session
run 1 "resume of something else" resume reviews.csv
holds "which is told" err 'not a session'
run 0 "a whole run" run short.sluice --json --session whole.session
cp out whole.json
run 1 "what is done cannot be gone on with" resume whole.session
holds "which is told" err 'is done: it came to its end at step 30000'
printf 'read csv reviews.csv\n' | "$program" shell fresh.session >out 2>err
run 1 "nor what never began" resume fresh.session
holds "which is told" err 'nothing in "fresh\.session" was trained yet'

# Interrupted and gone on with, twice; another process is refused meanwhile.
start events run endless.sluice --json --session i.session
wait_for_points events 3
run 1 "a session in use cannot be gone on with" resume i.session
holds "but watched" err "process $pid\); watch it with: sluice attach i\.session"
interrupt
holds "the way on is told" events.err 'go on with: sluice resume i\.session'
before=$(grep -c '"event":"metric"' events)
start events resume i.session --json
wait_for_points events 3
interrupt
same "resume is interrupted with 130" $? 130
if [ "$(first_step events)" -gt "$before" ]; then ok "and had gone on"; else not_ok "and had gone on" "$(first_step events) after $before"; fi
same "the state is saved" "$(state i.session)" interrupted

# To the same end.
start events run short.sluice --json --session s.session
wait_for_points events 3
kill -KILL $pid
wait $pid 2>/dev/null
run 0 "after kill -9 resume goes on to the end" resume s.session --json
same "to the same figures" "$(figures out)" "$(figures whole.json)"
same "over the same points" "$(curve out "$(first_step out)")" "$(curve whole.json "$(first_step out)")"
"$program" attach s.session --json >all 2>err </dev/null
same "all of which the session has" "$(curve all)" "$(curve whole.json)"

# Other data.
start events run endless.sluice --json --session d.session
wait_for_points events 2
interrupt
cp reviews.csv kept.csv
echo 'fine film,plus' >>reviews.csv
run 1 "with changed data it is refused" resume d.session
holds "which is told with the way out" err '"reviews\.csv" has changed.*sluice resume --force d\.session'
sed '5{h;d};6{G}' kept.csv >reviews.csv
run 1 "also when only their content tells" resume d.session
holds "with the way out" err 'sluice resume --force d\.session'
start events resume d.session --force --json
wait_for_points events 2
interrupt
same "--force goes on" $? 130
cp kept.csv reviews.csv

# Watched, line by line.
start events run short.sluice --json --session w.session
for _ in $(seq 200); do # until the session is there
    "$program" attach w.session --json >seen 2>seen.err </dev/null
    status=$?
    [ $status -eq 0 ] && break
    sleep 0.05
done
wait $pid
same "attach ends with the training" $status 0
same "and has seen its points" "$(curve seen)" "$(curve events)"
same "and its result" "$(grep '"event":"result"' seen)" "$(grep '"event":"result"' events)"
run 0 "attach shows what is done already" attach w.session
holds "with its figures" out '^accuracy +0\.'
run 1 "attach of an interrupted one" attach i.session --plain
holds "tells how to go on" err 'nobody carries it on; go on with it: sluice resume i\.session'
run 1 "attach of something else" attach reviews.csv
run 1 "attach of nothing" attach nowhere.session

# A disk that is full: here a limit on the size of files, which anybody may set.
limited 400 run endless.sluice --json --session f.session
same "a training ends when the disk is full" $? 1
holds "with the reason and the fix" events.err 'f\.session" cannot be written: .*; make room on its disk.*resume'
points=$(grep -c '"event":"metric"' events)
same "it can be gone on with" "$(state f.session | sed 's/failed/interrupted/')" interrupted
start more resume f.session --json
wait_for_points more 2
interrupt
if [ "$(first_step more)" -le $((points + 1)) ]; then ok "no point that was told is left out"; else not_ok "no point that was told is left out" "$(first_step more) after $points"; fi

# The same to the end, bit by bit: for some of the limits a shorter training is cut in its middle.
tried=0
for limit in 150 300 450 600 750 900 1050; do
    rm -f g.session*
    limited $limit run short.sluice --json --session g.session
    [ $? -eq 1 ] && [ "$(grep -c '"event":"metric"' events)" -gt 0 ] || continue
    run 0 "after a full disk ($limit kB) resume goes on to the end" resume g.session --json
    same "to the same figures" "$(figures out)" "$(figures whole.json)"
    "$program" attach g.session --json >all 2>err </dev/null
    same "over the same points" "$(curve all)" "$(curve whole.json)"
    tried=$((tried + 1))
done
if [ $tried -gt 0 ]; then ok "the disk was full in the middle of a training"; else not_ok "the disk was full in the middle of a training" "$(tail -n 2 events.err)"; fi

# A terminal that goes away is no reason to end.
start events run short.sluice --json --session h.session
wait_for_points events 1
kill -HUP $pid
wait $pid
same "a run with a session survives SIGHUP" $? 0
same "and comes to its end" "$(figures events)" "$(figures whole.json)"
start events run endless.sluice --json
wait_for_points events 1
kill -HUP $pid
wait $pid
same "one without ends" $? 130
end
