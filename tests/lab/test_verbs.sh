#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The command as a user meets it: hostile names, broken inputs, disks that are full, and the small verbs. Speaks TAP.
set -u

kramers=$(realpath "${KRAMERS:-${BUILD:-build}/kramers}") || exit 1
source=$(realpath scripts) || exit 1
reference=$(realpath tests/reference/compare_data) || exit 1
dest=$(mktemp -d) || exit 1
trap 'chmod -R u+w "$dest"; rm -rf "$dest"' EXIT
mkdir "$dest/work" && cd "$dest/work" || exit 1
count=0
failed=0

ok() { # status, sentence
    count=$((count + 1))
    if [ "$1" -eq 0 ]; then echo "ok $count - $2"; else
        echo "not ok $count - $2"
        failed=1
    fi
}
run() { # status wanted, arguments: one line on standard error where the status is not 0
    local wanted=$1 status
    shift
    ("$kramers" "$@") >"$dest/out" 2>"$dest/err"
    status=$?
    if [ "$status" -ne "$wanted" ] || { [ "$wanted" -ne 0 ] && [ "$(wc -l <"$dest/err")" -ne 1 ]; }; then
        echo "# status $status of: kramers $*"
        sed 's/^/# /' "$dest/err"
        return 1
    fi
}
said() { grep -qF -e "$1" "$dest/err" "$dest/out"; }

# ---- Materials --------------------------------------------------------------------------------------------------------

cat >good.yaml <<'END'
name: small
seed: 20
landscape:
  network:
    widths: [3, 3, 2]
    data: {samples: 40, inputs: {law: gaussian}, teacher: {singular_values: [2.385, 0.6]}, label_noise: 0.1}
    start: {law: gaussian, scale: 0.1}
sgd: {batch: 4, rate: 0.05, steps: 40, replicas: 32, twins: 2}
models:
  - {name: langevin, covariance: isotropic}
  - {name: poisson, noise: poisson}
record: [1, 2]
escape: {levels: [2.5, 0.5]}
compare: {observables: [loss], metrics: [sliced-w2]}
END
cat >files.yaml <<'END'
name: files
landscape:
  network:
    widths: [2, 2, 1]
    data: {inputs: {file: x.csv}, targets: {file: y.csv}}
    start: {file: start.csv}
sgd: {batch: 1, rate: 0.05, steps: 10, replicas: 8, twins: 2}
END
printf '1,2\n3,4.5\n-1,0.25\n' >x.csv
printf '1\n2\n0.5\n' >y.csv
printf '0.1\n0.2\n0.3\n0.4\n0.5\n0.6\n' >start.csv
printf '1,2\n3\n' >short.csv
printf '1,2\nnan,4\n' >nan.csv
printf '1,2\nfour,4\n' >word.csv
printf '0.1\n0.2\n' >brief.csv
printf '1\n2\n' >two.csv
printf -- '-1,1\n2,0\n' >minus.csv
: >empty.csv
printf '1,2,3\n4,5,6\n' >wide.csv
printf '\0\1\2binary{{{' >garbage.yaml
printf 'name: [a\n' >torn.yaml
: >empty.yaml
mkdir folder

# ---- The small verbs --------------------------------------------------------------------------------------------------

run 0 help && said 'kramers VERB' && run 0 help run && said -- '--resume' && run 0 --version && said 'kramers 0.'
ok $? "help and version"
run 0 run good.yaml -o done --quiet && [ -s done/report.html ] && [ -s done/run.h5 ]
ok $? "a small study runs"

# value: shifted by (3, 4), W1 and W2 are 5
printf 'a,b\n1,2\n3,4.5\n-1,0.25\n' >headed.csv
printf '4 6\n6 8.5\n2 4.25\n' >shifted.csv
run 0 compare headed.csv shifted.csv --json && said '"w2": 5,' && said '"w1": 5,' && said '"ks": null' && said 'ks needs 1'
ok $? "compare: W1 and W2 of a shift, and null with a reason where a metric does not apply"
printf '1,2\n3,4.5\n' >fewer.csv
# value: by hand W2^2 = (7.0625 + 10.25 / 2) / 3
run 0 compare x.csv fewer.csv --json && said '"n": 3, "m": 2' && said '"w2": 2.0155644370746373,' && said '"w2_gap": 0' && said '"sinkhorn": '
ok $? "compare: W2 of unequal numbers of rows in the plane"
run 0 compare done/run.h5:/ensembles/sgd/parameters done/run.h5:/ensembles/poisson/parameters@0 --json &&
    said '"dimension": 15' && said 'record 1 of the dataset' && said 'record 0 of the dataset'
ok $? "compare: datasets of a run, the last time or the one asked for"
run 0 compare done/run.h5:/ensembles/sgd/escape@1 done/run.h5:/ensembles/sgd/loss@1 --metrics w1,energy --bandwidth 2 \
    --projections 5 --seed 3 && said 'not asked for'
ok $? "compare: chosen metrics"
# value: samples apart, of three and two rows: p is 2 / C(5, 2) by Smirnov's law, 1 / C(5, 2) by all relabellings
printf '1\n2\n3\n' >three.csv
printf '7\n8\n' >apart.csv
run 0 compare three.csv apart.csv --json && said '"ks": 1, "ks_p": 0.2' && said '"energy_p": 0.1' && said '"mmd_p": 0.1'
ok $? "compare: tests by all relabellings, Kolmogorov and Smirnov"
run 0 compare three.csv apart.csv --json --metrics kl && said '"kl_knn": null' && said 'too few for 5 neighbours'
ok $? "compare: kl of too few rows is null with its reason"
run 0 compare three.csv apart.csv --json --permutations 0 --metrics mmd && said '"mmd_p": null' && said '"ks": null'
ok $? "compare: no tests"

# value: R 4.2 on 120 subjects: log-rank of two groups, Weibull's shape
cut -d, -f1-3 "$reference/km_data.csv" >times.csv
run 0 survival times.csv --json && said '"logrank": {"chi2": 5.5655066301' && said '"median": 1.7' && said '"weibull": {"shape":'
ok $? "survival: two groups as JSON"
cut -d, -f1,2 "$reference/km_data.csv" >times.csv
run 0 survival times.csv --json && said '"shape": 1.25401997' && said '"rate": 0.4026845' && said 'there is one group'
ok $? "survival: one group"
printf 'time,status\n0,0\n2,0\n' >waiting.csv
run 0 survival waiting.csv && said 'fewer than half' && said 'degenerate: 0 events' && run 0 survival waiting.csv --json &&
    said '"median": null' && said '"rate": null'
ok $? "survival: nobody escaped"

# a column of draws, one of zeros, one alternating
awk 'BEGIN { for (i = 1; i <= 400; i++) print sin(i * i * 2.385) / (0.02 + cos(i * 1.7) ^ 2) "," 0 "," (i % 2 ? 1 : -1) }' >three.csv
run 0 tails three.csv --json && said '"columns": [{"n": 400, "hill": [{"k": 10, "alpha": ' && said '"pickands": ' &&
    said '"moment": ' && said '"block": {"alpha": ' && said '"block_size": 20' && said '"mcculloch": {"alpha": ' &&
    said '"beta": ' && said '"scale": ' && said '"location": ' && said '"ecf": {"alpha": ' && said '"log_moment": {"alpha": ' &&
    said '"null_low": ' && said 'all 400 values are 0: a constant has no tail' && said 'columns are never pooled' &&
    said 'all |x| are equal' && ! grep -qi 'nan\|inf,' "$dest/out"
ok $? "tails: every key, and columns without a tail are null with their reasons"
run 0 tails three.csv --k 20 --seed 3 && said 'column 3: 400 values' && said 'k = 20'
ok $? "tails as a table"
run 0 tails three.csv -o pictures && [ -s pictures/figures/hill.gp ] && [ -s pictures/figures/hill.dat ] &&
    { ! command -v gnuplot >/dev/null || [ -s pictures/figures/hill.svg ]; }
ok $? "tails with Hill's plot"
run 0 tails done/run.h5:/ensembles/sgd/loss@1 --json && said '"n": 32'
ok $? "tails of a run's dataset"

run 0 noise good.yaml --json --draws 500 && said '"at": "start"' && said '"trace": ' && said '"eigenvalues": [' && said '"rank": 6' &&
    said '"participation_ratio": ' && said '"alignment_with_hessian": ' && said '"commutator_norm": ' &&
    said '"tails": [{"batch": 1, "estimator": "block", "alpha": ' && said '"null_low": ' && said '"null_high": ' &&
    said '"without_replacement_factor": 0.923076923' && said '"correlation": -0.111111111' && said '"verdict": "' &&
    said '"along_hessian": [{"eigenvalue": '
ok $? "noise: every key"
cp "$dest/out" first && run 0 noise good.yaml --json --draws 500 --threads 3 && cmp -s "$dest/out" first
ok $? "noise: the same for any number of threads"
run 0 noise good.yaml --at end --draws 500 && said 'end of SGD, time 2,' && said 'verdict: '
ok $? "noise where SGD ends"
run 0 noise good.yaml --draws 500 -o pictures --quiet && [ -s pictures/figures/noise.gp ] && [ -s pictures/figures/noise.dat ] &&
    { ! command -v gnuplot >/dev/null || [ -s pictures/figures/noise.svg ]; }
ok $? "noise with its figure"
run 0 noise good.yaml --set landscape.network.start.scale=1e-300 --draws 500 -o pictures && said 'no gradient noise here' &&
    { ! command -v gnuplot >/dev/null || [ -s pictures/figures/noise.svg ]; }
ok $? "noise where there is none"
cat >linear.yaml <<'END'
name: linear
landscape: {potential: {name: quadratic, matrix: [[3, 0], [0, 1]], noise: [[2, 0], [0, 1]], start: {law: point, at: [0.3, 0.1]}}}
sde: {rate: 0.05, steps: 10, replicas: 8}
END
run 0 noise linear.yaml --json && said '"commutator_norm": 0,' && said '"tails": []' && said 'Gaussian by definition' && said '"batch": null'
ok $? "noise of a potential: no samples, no tails"

run 0 info done/run.h5 && head -n 1 "$dest/out" | grep -q '^compiler: ' && said '/ensembles/sgd/parameters  2 x 32 x 15'
ok $? "info: provenance first, then what is there"
run 0 info done/run.h5 --json && said '"name": "/ensembles/sgd/loss"' && said '"shape": "2 x 32"' && said '"seed": "20"'
ok $? "info as JSON"

run 0 verify && said 'laws hold' && ! said FAILS
ok $? "verify: every law holds" || cat "$dest/out"
run 0 bench random-index --json && said '"rate": ' && said '"rows": [' && said '"error": null'
ok $? "bench: a row as JSON"

if command -v gnuplot >/dev/null; then
    rm -f done/figures/loss.svg
    run 0 plot done --format svg && [ -s done/figures/loss.svg ] && run 0 plot done --format pdf && [ -s done/figures/loss.pdf ]
    ok $? "plot draws again"
fi
without_gnuplot() { PATH=/nonexistent exec "$real" "$@"; }
real=$kramers
(kramers=without_gnuplot; run 2 plot done) && said 'gnuplot is not installed'
ok $? "plot without gnuplot says so"

# ---- Hostile names ------------------------------------------------------------------------------------------------------

# shellcheck disable=SC2016  # nothing here is to be expanded
sed -e "s/^name: small/name: '\`touch pwned\` \$(touch pwned) <script>alert(1)<\/script> ..\/..\/x'/" \
    -e "s/name: poisson,/name: '\`touch pwned\`\"<script>',/" good.yaml >hostile.yaml
run 0 run hostile.yaml --quiet && [ -z "$(find "$dest" -name '*pwned' -type f)" ]
ok $? "a hostile name runs no command"
report=$(find "$dest/work/runs" -mindepth 2 -maxdepth 2 -name report.html)
[ -s "$report" ] && [ "$(find "$dest" -name report.html | wc -l)" -eq 2 ] && ! grep -qi '<script' "$report" &&
    grep -q '&lt;script&gt;' "$report"
ok $? "it stays under runs/, and the report has no script"
run 0 info "${report%/*}/run.h5" && ! grep -q "$(printf '\033')" "$dest/out"
ok $? "info prints it"
rm -rf runs

# ---- Broken inputs: status 1, one line, nothing written --------------------------------------------------------------------

head -c 3000 done/run.h5 >torn.h5
cp good.yaml text.h5
before=$(find "$dest/work" | sort)
broken() { # sentence that must occur, arguments
    local sentence=$1
    shift
    run 1 "$@" && said "$sentence" && [ "$(find "$dest/work" | sort)" = "$before" ]
    ok $? "refused: kramers $*"
}
broken "no verb 'rnu'" rnu good.yaml
broken 'expected: kramers run STUDY.yaml' run
broken 'expected: kramers compare A B' compare x.csv
broken "unknown option '--frobnicate'" run good.yaml --frobnicate
broken "unknown option '--resume'" sgd good.yaml --resume
broken '--threads: found' run good.yaml --threads 0
broken '--threads: found' run good.yaml --threads two
broken '--threads needs a value' run good.yaml --threads
broken 'takes no value' run good.yaml --json=yes
broken 'seed' run good.yaml --seed -1
broken 'replicas' run good.yaml --replicas none
broken 'missing.yaml' run missing.yaml
broken 'a directory' run folder
broken 'garbage.yaml' run garbage.yaml
broken 'torn.yaml' run torn.yaml
broken 'the study is empty' run empty.yaml
broken 'x.csv' run x.csv
broken 'sgd.stepz' run good.yaml --set sgd.stepz=10
broken 'sgd.steps' run good.yaml --set sgd.steps=many
broken 'set' run good.yaml --set nonsense
broken 'models' run good.yaml --set models.none.alpha=1
broken 'rate' run good.yaml --set sgd.rate=-1
broken 'record' run good.yaml --set 'record=[1, 99]'
broken 'widths' run good.yaml --set 'landscape.network.widths=[3]'
broken 'missing.csv' run files.yaml --set landscape.network.data.inputs.file=missing.csv
broken 'folder' run files.yaml --set landscape.network.data.inputs.file=folder
broken 'nan.csv' run files.yaml --set landscape.network.data.inputs.file=nan.csv
broken 'short.csv' run files.yaml --set landscape.network.data.inputs.file=short.csv
broken 'word.csv' run files.yaml --set landscape.network.data.inputs.file=word.csv
broken 'empty.csv' run files.yaml --set landscape.network.data.inputs.file=empty.csv
broken '2' run files.yaml --set landscape.network.data.targets.file=two.csv
broken 'widths' run files.yaml --set 'landscape.network.widths=[3, 2, 1]'
broken 'one row a sample' run files.yaml --set landscape.network.data.inputs.file=wide.csv
broken 'start' run files.yaml --set landscape.network.start.file=brief.csv
broken '--replica: found' sgd good.yaml --replica 32
broken '--replica: found' sgd good.yaml --replica ' -1'
broken "no model 'levy'" sde good.yaml --model levy
broken "no element 'levy'" point good.yaml --set models.levy.alpha=1
broken 'columns' compare x.csv wide.csv
broken 'missing.csv' compare x.csv missing.csv
broken 'nan.csv' compare x.csv nan.csv
broken "has no dataset '/ensembles/none'" compare done/run.h5:/ensembles/none x.csv
broken 'from 0 to 1' compare done/run.h5:/ensembles/sgd/parameters@2 x.csv
broken '--metrics: found' compare x.csv x.csv --metrics w2,w3
broken '--bandwidth: found' compare x.csv x.csv --bandwidth -2
broken '--projections: found' compare x.csv x.csv --projections 0
broken 'nan.csv' tails nan.csv
broken 'empty.csv' tails empty.csv
broken 'missing.csv' tails missing.csv
broken '--k: found' tails three.csv --k 0
broken 'expected: kramers tails FILE' tails
broken '--at: found' noise good.yaml --at middle
broken '--draws: found' noise good.yaml --draws 5
broken "no 'sgd'" noise linear.yaml --at end
broken 'diverges' noise good.yaml --at end --set sgd.rate=50
broken "unknown option '--at'" point good.yaml --at end
broken 'expected 1 (escaped) or 0' survival x.csv
broken 'expected time, status' survival two.csv
broken 'must not be negative' survival minus.csv
broken '--permutations: found' compare x.csv x.csv --permutations many
broken 'torn.h5' info torn.h5
broken 'text.h5' info text.h5
broken 'torn.h5' compare torn.h5:/x x.csv
broken 'missing.h5' info missing.h5
broken 'holds no figures' plot folder
broken "format 'gif'" plot done --format gif
broken "no row begins with 'warp'" bench warp
broken "no verb 'rnu'" help rnu

broken '--alpha is missing' calc stable-pdf --beta 0 --x 1
broken '--beta is missing' calc stable-cdf --alpha 1.5 --x 1
broken '--x is missing' calc stable-sf --alpha 1.5 --beta 0
broken '[0.1, 2]' calc stable-pdf --alpha 2.5 --beta 0 --x 1
broken '[-1, 1]' calc stable-pdf --alpha 1.5 --beta -1.5 --x 1
broken 'positive' calc stable-pdf --alpha 1.5 --beta 0 --x 1 --scale 0
broken 'expected S0 or S1' calc stable-pdf --alpha 1.5 --beta 0 --x 1 --parametrisation S2
broken "found 'two'" calc stable-pdf --alpha 1.5 --beta 0 --x two
broken '[0, 1]' calc stable-quantile --alpha 1.5 --beta 0 --x 1.5

broken "found 'cauchy'" sample cauchy --count 3 -o a.csv
broken '--count is missing' sample gaussian -o a.csv
broken '-o FILE.csv' sample gaussian --count 3
broken 'ends with .csv or .npy' sample gaussian --count 3 -o a.txt
broken '--alpha is missing' sample stable --count 3 -o a.csv
broken '--scale' sample gaussian --count 3 --scale 0 -o a.csv

# ---- Stable laws: values of reference/compare.json, at least 12 digits of them -----------------------------------------------

run 0 calc stable-pdf --alpha 1.5 --beta 0.5 --x -1 --json && grep -q '^{"value": 0.208194435543' "$dest/out"
ok $? "calc stable-pdf"
run 0 calc stable-cdf --alpha 1 --beta 0.5 --scale 2.5 --location -1 --parametrisation S1 --x 3 --json &&
    grep -q '"value": 0.707863193477' "$dest/out"
ok $? "calc stable-cdf in S1"
run 0 calc stable-sf --alpha 1.5 --beta 0 --x 1000 --x 0 --json &&
    grep -q '^{"values": \[6.308149628734.*e-06, 0.5' "$dest/out"
ok $? "calc stable-sf at two points"
printf '0.5\n1e-4 0.9999\n' >numbers
run 0 calc stable-quantile --alpha 1.2 --beta 0 --x - --json <numbers && grep -q ', -741.373170608.*, 741.37' "$dest/out"
ok $? "calc stable-quantile of standard input"

run 0 sample stable --alpha 1.01 --beta 0.5 --count 400 --seed 3 -o s.csv &&
    run 0 sample stable --alpha 1.01 --beta 0.5 --count 500 --seed 3 -o s.npy && [ "$(wc -l <s.csv)" -eq 400 ] &&
    run 0 sample stable --alpha 1.01 --beta 0.5 --count 500 --seed 3 -o t.csv && head -n 400 t.csv | cmp - s.csv &&
    run 0 compare s.npy t.csv --metrics w1 --json && grep -q '"w1": 0,' "$dest/out"
ok $? "sample stable: the same numbers in both formats, and at the beginning of a longer sample"
run 0 sample gaussian --count 20000 --scale 3 --location 5 --seed 8 -o g.csv &&
    awk '{ s += $1; q += ($1 - 5) ^ 2 } END { exit !(NR == 20000 && (s / NR - 5) ^ 2 < 0.02 && (q / NR - 9) ^ 2 < 0.4) }' g.csv
ok $? "sample gaussian: mean and variance (chance: seed 8, 20000 draws, 6 sigma and more)"

# ---- Where nothing can be written: status 2, what is finished is kept --------------------------------------------------------

run 2 run good.yaml --quiet -o x.csv/out && said x.csv
ok $? "a directory that cannot be made"
run 2 run good.yaml --quiet -o /proc/kramers && said /proc/kramers
ok $? "a file system that takes no files"
if [ "$(id -u)" -ne 0 ]; then
    mkdir locked && chmod a-w locked
    run 2 run good.yaml --quiet -o locked/out && said locked
    ok $? "a directory that is not ours"
fi
# a part of 32 replicas takes about 25 KiB, the whole run 57
(ulimit -f 48 && run 2 run good.yaml --quiet -o full)
ok $? "a file that finds no room"
[ -n "$(ls full/parts/*.h5 2>/dev/null)" ] && [ ! -e full/run.h5 ] && [ -z "$(find full -name '*.part')" ]
ok $? "keeps what was finished before" || find full
run 0 run good.yaml --quiet -o full --resume && run 0 compare full/run.h5:/ensembles/sgd/loss done/run.h5:/ensembles/sgd/loss \
    --json --metrics energy && said '"energy_v": 0,'
ok $? "and goes on when there is room again"
if [ -w /dev/full ]; then
    "$kramers" point good.yaml --json >/dev/full 2>"$dest/err"
    [ $? -eq 2 ] && said 'standard output'
    ok $? "a standard output that is full"
fi

echo "1..$count"
exit $failed
