#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# kramers llc and kramers calc as a user types them. Speaks TAP.
set -u
kramers=${KRAMERS:-build/kramers}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
study=scripts/learning-coefficient.yaml
short=(--set llc.num_draws=400 --set llc.num_burnin_steps=100 --set llc.num_chains=3 --quiet)
count=0
failed=0

ok() { # status, sentence
    count=$((count + 1))
    if [ "$1" -eq 0 ]; then echo "ok $count - $2"; else
        echo "not ok $count - $2"
        failed=1
    fi
}
says() { # status, words..., sentence last: the command's status and each of the words in $said
    local expected=$1 sentence=${*: -1} missing=0
    shift
    [ "$status" -eq "$expected" ] || missing=1
    while [ $# -gt 1 ]; do
        case $said in *"$1"*) ;; *)
            echo "# not found: $1"
            missing=1
            ;;
        esac
        shift
    done
    [ $missing -eq 0 ] || printf '# %s\n' "$said"
    ok $missing "$sentence"
}
run() {
    said=$("$kramers" "$@" 2>&1)
    status=$?
}

# value: 5-5-5 of rank 2
run calc learning-coefficient --widths 5,5,5 --rank 2 --json
says 0 '"lambda": 11.5,' '"multiplicity": 2' 'calc learning-coefficient'
run calc learning-coefficient --widths 5,5,5 --rank 6
says 1 'rank 6' 'a rank above a width is refused'
run calc learning-coefficient --widths 5,5x --rank 1
says 1 '--widths' "'5,5x'" 'widths that are no numbers are refused'
run calc learning-coefficient --rank 1
says 1 '--widths is missing' 'widths that are not given are asked for'
run calc gamma
says 1 'learning-coefficient --widths' 'an unknown function is told which there are'

# law: every key of the interface is there, and the same seed gives the same bits for any number of threads
run llc "$study" "${short[@]}" --json --threads 1
says 0 '"lambda_hat": 1' '"se": 0.' '"rhat": ' '"ess": ' '"acceptance": 1,' '"exact": {"lambda": 11.5, "multiplicity": 2' \
    '"expected": 11.343139' '"nbeta": 587.04' '"llc_chain": [' '"warnings": []' 'llc by gibbs at the deepest point'
one=${said%%\"seconds\"*}
run llc "$study" "${short[@]}" --json --threads 2
[ "$one" = "${said%%\"seconds\"*}" ]
ok $? 'same bits with two threads'
run llc "$study" "${short[@]}" --set llc.sampler=sgld --json
says 0 '"lambda_hat_half_step": ' '"acceptance": null' '"acceptance_reason"' 'cannot have mixed' 'llc by sgld, short'
run llc "$study" "${short[@]}" --set 'landscape.network.start={law: gaussian, scale: 0.1}' --json
says 0 '"exact": null' '"exact_reason"' '"expected": null' 'w* is no minimum' 'llc at no minimum'
case $said in *nan* | *inf* | *NaN*) status=1 ;; *) status=0 ;; esac
ok $status 'no NaN in JSON'
run llc scripts/table-3.yaml --quiet
says 0 'cannot have mixed' 'disagree' 'lambda 23/2' 'the settings of table 3 are warned of'
run llc scripts/plateaus.yaml --along --set 'llc={num_draws: 50}' --set 'record=[1, 30]' --json --quiet
says 0 '"times": [{"time": 1,' '"time": 30,' 'llc along a path of SGD'
run llc "$study" --along
says 1 'sgd' 'a study without a path is refused'

# value: the picture of the chains, where gnuplot is there
if command -v gnuplot >"$scratch/which"; then
    run llc "$study" "${short[@]}" --set llc.sampler=sgld -o "$scratch/run"
    [ "$status" -eq 0 ] && [ -s "$scratch/run/figures/llc-trace.svg" ] && [ -s "$scratch/run/figures/llc-trace.png" ]
    ok $? 'the figure is drawn'
fi
echo "1..$count"
exit $failed
