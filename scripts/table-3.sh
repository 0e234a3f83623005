#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The settings of table 3 of "Almost Bayesian" beside blocked Gibbs, on 5-5-5 of rank 0 to 5: table-3.sh [DIRECTORY]
# writes DIRECTORY/table-3.{dat,svg,png} (default: runs/table-3).
set -eu
kramers=${KRAMERS:-build/kramers}
directory=${1:-runs/table-3}
. scripts/llc-points.sh

mkdir -p "$directory"
data=$directory/table-3.dat
: >"$data"
values=(0 '1' '1, 0.9' '1, 0.9, 0.8' '1, 0.9, 0.8, 0.7' '1, 0.9, 0.8, 0.7, 0.6')
for sampler in table-3 gibbs; do
    for rank in 0 1 2 3 4 5; do
        set -- scripts/table-3.yaml --set "landscape.network.data.teacher.singular_values=[${values[rank]}]" \
            --set "landscape.network.start.rank=$rank"
        [ $sampler = table-3 ] || set -- "$@" --set 'llc={sampler: gibbs, num_chains: 4, num_draws: 5000}'
        point "$sampler, rank $rank" "$data" "$@"
    done
    printf '\n\n' >>"$data"
done
draw "$directory" table-3 'sgld with the settings of table 3' 'blocked Gibbs'
