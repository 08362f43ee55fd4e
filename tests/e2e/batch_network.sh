#!/usr/bin/env bash
# batch_network.sh: neural networks without a terminal: metrics, sessions, predictions, weights, and kills.
. "$(dirname "${BASH_SOURCE[0]}")/batch_lib.bash" "$1"

# Pictures of 6 × 6 as IDX: where the bright row is tells the class (0 to 2). SEED NAME COUNT
pictures() {
    awk -v seed="$1" -v name="$2" -v n="$3" 'BEGIN {
        images = name "-images.hex"; labels = name "-labels.hex"
        printf "00000803%08x%08x%08x", n, 6, 6 >images
        printf "00000801%08x", n >labels
        srand(seed)
        for (i = 0; i < n; i++) {
            class = int(rand() * 3)
            printf "%02x", class >labels
            for (y = 0; y < 6; y++)
                for (x = 0; x < 6; x++)
                    printf "%02x", int(rand() * 120) + (int(y / 2) == class ? 100 : 0) >images
        }
    }'
    for part in images labels; do
        sed 's/../\\x&/g' "$2-$part.hex" | xargs -0 printf '%b' >"$2-$part"
        rm "$2-$part.hex"
    done
}
network() { # EPOCHS DEVICE
    printf '%s\n' 'read idx a-images labels=a-labels' 'read idx b-images labels=b-labels as=test' \
        'rescale image scale=1/255' 'batch size=20 random_state=3' 'mlp hidden=8' \
        "train optimizer=adam learning_rate=0.01 epochs=$1 device=$2"
}
pictures 1 a 300
pictures 2 b 90
same "the pictures are whole" "$(wc -c <a-images)" $((16 + 300 * 36))
network 6 cpu >n.sluice

run 0 "a network is measured with and without a cache" bench n.sluice --rounds 1 --threads 2
holds "the cache stands where it may" out 'cache, filled +[0-9.]+'
lacks "no setting is advised that is so already" out 'batch\.(workers|prefetch)=auto'

run 0 "a network is trained" run n.sluice --session n.session
holds "metrics are printed" out 'accuracy +0\.[0-9]+|accuracy +1'
rm -f j.session
run 0 "as JSON" run n.sluice --json --session j.session
is_json_lines "an object a line" out
holds "the loss on the test records is told" out '"test_loss":[0-9]'
steps=$(grep -c '"event":"metric"' out)
if [ "$steps" -ge 6 ]; then ok "steps are told"; else not_ok "steps are told" "$steps" "$(tail -n 3 out)"; fi
run 0 "threads make no difference" run n.sluice --threads 1 --session one.session

facts() { # SESSION: what must be the same to the bit
    printf 'export weights.st what=weights\n' | "$program" shell "$1" >/dev/null 2>facts.err
    cksum <weights.st
    rm -f weights.st
    printf 'show result\n' | "$program" shell "$1" 2>/dev/null | grep -E '^(accuracy|log loss|ROC)'
}
whole=$(facts n.session)
holds "there is something to compare" <(echo "$whole") 'log loss'
same "one thread, the same weights and metrics" "$(facts one.session)" "$whole"

printf 'export w.st what=weights\n' | "$program" shell n.session >out 2>err
same "weights are exported" $? 0
length=$(od -An -t u8 -N 8 w.st | tr -d ' ')
same "as safetensors: a header of its length" "$(tail -c +9 w.st | head -c 1)" '{'
holds "with its tensors" <(tail -c +9 w.st | head -c "$length") '"dtype":"F32","shape":\[8,36\]'
same "and all their bytes" "$(wc -c <w.st)" $((8 + length + 4 * (36 * 8 + 8 + 8 * 3 + 3)))

run 0 "pictures are predicted" predict n.session b-images -o p.csv
same "a line for each" "$(wc -l <p.csv)" 91
holds "with probabilities" p.csv '^record,.*p_0,p_1,p_2'
run 0 "the session is verified" verify n.session

network 2 cuda:7 >cuda.sluice
run 1 "a GPU that is not there is an error" run cuda.sluice --session cuda.session
same "told in one line" "$(grep -c . err)" 1
network 2 auto >auto.sluice
run 0 "auto takes what there is" run auto.sluice --session auto.session
same "and says so at most once" "$(($(cat out err | grep -c -i -E 'GPU|CUDA') <= 1))" 1

# Killed in the middle, and gone on with.
network 300 cpu >long.sluice
run 0 "a longer training" run long.sluice --session long.session
whole=$(facts long.session)
for kill in 1 2 3; do
    rm -f killed.session*
    set -m
    "$program" run long.sluice --json --session killed.session >events 2>err </dev/null &
    pid=$!
    set +m
    for _ in $(seq 1000); do
        [ "$(grep -c '"event":"metric"' events)" -ge $((kill * 200)) ] && break
        kill -0 $pid 2>/dev/null || break
        sleep 0.01
    done
    kill -KILL $pid
    wait $pid 2>/dev/null
    "$program" resume killed.session >out 2>err </dev/null
    status=$?
    if [ $status -eq 0 ] || grep -q 'came to its end' err; then
        ok "killed training $kill goes on"
    else
        not_ok "killed training $kill goes on" "$(head -c 600 err)"
    fi
    same "and ends in the same weights and metrics" "$(facts killed.session)" "$whole"
done
end
