#!/usr/bin/env bash
# batch_bench.sh: a recipe with and without each help, side by side; caches in recipes, in memory and on disk.
. "$(dirname "${BASH_SOURCE[0]}")/batch_lib.bash" "$1"
export XDG_CACHE_HOME=$work/caches

make_reviews 600 reviews.csv
recipe r.sluice

run 0 "a recipe is measured" bench r.sluice --rounds 1 --threads 2
holds "one thread is the first line" out '^1 thread, no help +[0-9.]+ +[0-9.]+ +[0-9.]+ +1\.00$'
holds "all threads are a line" out '^2 threads +[0-9.]+'
holds "reading ahead is a line" out 'prefetch +[0-9.]+'
holds "a cache that is filled is a line" out 'cache, filling it +[0-9.]+'
holds "a filled cache is a line" out 'cache, filled +[0-9.]+'
holds "there is a verdict" out '^(INPUT|COMPUTE|BALANCED): [0-9]+ %'
holds "it says what to do" out '^to do: .'
lacks "no escape sequences in a pipe" out $'\033'

run 0 "it answers in JSON" bench r.sluice --json --rounds 3 --threads 2
cp out json
is_json_lines "every line of --json is an object" json
same "each way has a line" "$(grep -c '"event":"bench"' json)" 5
same "each line has the rounds' times" "$(grep -c -E '"runs":\[[0-9.e-]+,[0-9.e-]+,[0-9.e-]+\]' json)" 5
same "the verdict is the last line" "$(tail -n 1 json | grep -c '"event":"verdict".*"wait_share":')" 1
middle() { grep "\"$1\"" json | sed -E 's/.*"runs":\[([^]]*)\].*/\1/' | tr , '\n' | sort -g | sed -n 2p; }
same "the median is the middle one" "$(middle 'cache warm')" "$(grep '"cache warm"' json | grep -o '"seconds":[^,]*' | cut -d: -f2)"
same "nothing is kept on disk" "$(find caches -name '*.slcache' 2>/dev/null | wc -l)" 0

run 0 "one thread leaves its second line out" bench r.sluice --rounds 1 --threads 1 --json
same "four ways are left" "$(grep -c '"event":"bench"' out)" 4
run 2 "bench without a recipe is wrong usage" bench
run 2 "no rounds are wrong usage" bench r.sluice --rounds 0
run 1 "a recipe that is not there fails" bench none.sluice
grep -v -e logistic -e train r.sluice >clean.sluice
run 1 "a recipe without a learner has nothing to measure" bench clean.sluice
holds "it says what is missing" err 'learner'

facts() { grep '"result"' "$1" | sed -E 's/,"seconds":\{[^}]*\}//; s/,"(peak_rss_bytes|cache_hits|cache_misses)":[0-9]+//g'; }
run 0 "the recipe runs without a cache" run r.sluice --json
cp out plain
same "no cache counts nothing" "$(number plain cache_hits) $(number plain cache_misses)" "0 0"
sed 's/^logistic/cache where=disk\nlogistic/' r.sluice >late.sluice
sed 's/^split/cache where=disk\nsplit/' r.sluice >early.sluice
for name in early late; do
    run 0 "$name: a run fills the cache" run $name.sluice --json
    same "$name: all records are kept" "$(number out cache_hits) $(number out cache_misses)" "0 600"
    same "$name: the figures are the same" "$(facts out)" "$(facts plain)"
    run 0 "$name: the next goes on from it" run $name.sluice --json
    same "$name: all records come from it" "$(number out cache_hits) $(number out cache_misses)" "600 0"
    same "$name: the figures are still the same" "$(facts out)" "$(facts plain)"
done
same "there are two files" "$(find caches/sluice -name '*.slcache' | wc -l)" 2
run 0 "another learner goes on from the cache" run late.sluice --json --set logistic.C=0.1
same "it does not read again" "$(number out cache_hits)" 600
run 0 "another encoder does not" run late.sluice --json --set tfidf.max_features=20
same "it makes the features anew" "$(number out cache_hits)" 0
sed -i '5s/.*/good good good,plus/' reviews.csv
run 0 "other data are noticed" run late.sluice --json
same "they are read" "$(number out cache_hits)" 0

run 0 "the cache is filled once more" run early.sluice --json
for file in caches/sluice/*.slcache; do printf 'x' | dd of="$file" bs=1 seek=200 conv=notrunc 2>/dev/null; done
run 0 "a damaged file does no harm" run early.sluice --json
holds "it says so" err 'cache.*ignored'
same "it is not used" "$(number out cache_hits)" 0
end
