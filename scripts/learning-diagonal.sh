#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Estimates of the local learning coefficient against the exact value, over networks of depth 1 to 4, by blocked Gibbs at
# two temperatures and by mala: learning-diagonal.sh [DIRECTORY] writes DIRECTORY/learning-diagonal.{dat,svg,png}
# (default: runs/learning-diagonal).
set -eu
kramers=${KRAMERS:-build/kramers}
directory=${1:-runs/learning-diagonal}
. scripts/llc-points.sh

mkdir -p "$directory"
data=$directory/learning-diagonal.dat
: >"$data"
networks=('3,4 2' '1,1,1 0' '3,5,2 1' '5,5,5 0' '5,5,5 2' '5,5,5 5' '5,3,5 3' '8,3,4 1' '3,8,4 1' '2,6,6 0' '6,4,6 2' '8,8,8 1'
    '1,1,1,1 0' '4,4,4,4 0' '4,4,4,4 1' '4,4,4,4 2' '4,4,4,4 4' '3,6,2,5 2' '3,3,3,3,3 1' '5,2,6,3,4 1')
values=(0 '1' '1, 0.9' '1, 0.9, 0.8' '1, 0.9, 0.8, 0.7' '1, 0.9, 0.8, 0.7, 0.6')
samplers=('sampler: gibbs, num_draws: 4000' 'sampler: gibbs, num_draws: 4000, nbeta: 1.0e+8'
    'sampler: mala, num_chains: 16, num_draws: 20000, num_burnin_steps: 20000')
for sampler in "${samplers[@]}"; do
    for network in "${networks[@]}"; do
        rank=${network#* }
        point "${network% *} rank $rank, ${sampler%%,*}" "$data" scripts/learning-coefficient.yaml \
            --set "landscape.network.widths=[${network% *}]" --set "landscape.network.start.rank=$rank" \
            --set "landscape.network.data.teacher.singular_values=[${values[rank]}]" --set "llc={$sampler}"
    done
    printf '\n\n' >>"$data"
done
draw "$directory" learning-diagonal 'Gibbs, nβ = n / ln n' 'Gibbs, nβ = 10^8' 'mala, nβ = n / ln n'
