#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The command as a user meets it: hostile names, broken inputs, disks that are full, and the small verbs. Speaks TAP.
set -u

kramers=$(realpath "${KRAMERS:-${BUILD:-build}/kramers}") || exit 1
source=$(realpath scripts) || exit 1
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

# value: shifted by (3, 4), W2 is 5
printf 'a,b\n1,2\n3,4.5\n-1,0.25\n' >headed.csv
printf '4 6\n6 8.5\n2 4.25\n' >shifted.csv
run 0 compare headed.csv shifted.csv --json && said '"w2": 5,' && said '"w1": null' && said 'w1 needs 1'
ok $? "compare: W2 of a shift, and null with a reason where a metric does not apply"
printf '1,2\n3,4.5\n' >fewer.csv
run 0 compare x.csv fewer.csv --json && said '"w2": null' && said 'equally many' && said '"n": 3, "m": 2'
ok $? "compare: W2 of unequal numbers of rows in the plane is null with its reason"
run 0 compare done/run.h5:/ensembles/sgd/parameters done/run.h5:/ensembles/poisson/parameters@0 --json &&
    said '"dimension": 15' && said 'record 1 of the dataset' && said 'record 0 of the dataset'
ok $? "compare: datasets of a run, the last time or the one asked for"
run 0 compare done/run.h5:/ensembles/sgd/escape@1 done/run.h5:/ensembles/sgd/loss@1 --metrics w1,energy --bandwidth 2 \
    --projections 5 --seed 3 && said 'not asked for'
ok $? "compare: chosen metrics"

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
