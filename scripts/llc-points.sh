# SPDX-License-Identifier: GPL-3.0-or-later
# For scripts that draw estimates against exact values: sourced, not run. $kramers is the command.

# point NAME FILE ARGUMENT...: appends "expected estimate se" of one `kramers llc` to FILE and says it.
point() {
    local name=$1 file=$2 json
    shift 2
    json=$("$kramers" llc "$@" --json --quiet) || return 1
    number() { sed -n "s/.*\"$1\": \([-0-9.e+]*\),.*/\1/p" <<<"$json"; }
    printf '%s %s %s\n' "$(number expected)" "$(number lambda_hat)" "$(number se)" >>"$file"
    printf '%-44s expected %.4g, estimate %.4g +- %.2g\n' "$name" "$(number expected)" "$(number lambda_hat)" "$(number se)"
}

# draw DIRECTORY NAME "SERIES 1" "SERIES 2" ...: DIRECTORY/NAME.{svg,png} from DIRECTORY/NAME.dat, a block a series.
draw() {
    local directory=$1 name=$2 names='' format
    shift 2
    local count=$# i=0
    for series in "$@"; do
        i=$((i + 1))
        names="$names series[$i] = '$series';"
    done
    for format in svg png; do
        gnuplot -d -e "target = '$directory/$name.$format'; format = '$format'; narrow = 0; data = '$directory/$name.dat'" \
            -e "count = $count; array series[$count]; $names" plots/style.gp plots/diagonal.gp || return 1
    done
    echo "$directory/$name.svg"
}
