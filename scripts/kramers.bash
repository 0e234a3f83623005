# SPDX-License-Identifier: GPL-3.0-or-later
# Completion of `kramers` for bash: verbs, their options, files of the kind a verb reads.

_kramers() {
    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} verb=${COMP_WORDS[1]}
    local study='--json --set --threads --seed --replicas --quiet --help'
    declare -A options=(
        [run]="-o --resume $study" [sgd]="--replica $study" [sde]="--replica $study" [point]="$study"
        [llc]="-o --along --replica $study" [calc]='--widths --rank --json --help'
        [compare]='--metrics --bandwidth --permutations --projections --seed --threads --json --help'
        [info]='--json --help' [plot]='--help' [verify]='--json --help' [bench]='--threads --json --help' [help]=''
    )
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "${!options[*]} --help --version" -- "$word")
        return
    fi
    case $previous in
    -o) mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
    --set | --threads | --seed | --replicas | --replica | --permutations | --projections | --widths | --rank) return ;;
    --metrics) mapfile -t COMPREPLY < <(compgen -W 'sliced-w2 w2 w1 mmd energy' -- "$word"); return ;;
    --bandwidth) mapfile -t COMPREPLY < <(compgen -W median -- "$word"); return ;;
    esac
    case $word in
    -*) mapfile -t COMPREPLY < <(compgen -W "${options[$verb]-}" -- "$word"); return ;;
    esac
    compopt -o filenames 2>/dev/null
    case $verb in
    run | sgd | sde | point | llc) mapfile -t COMPREPLY < <(compgen -f -X '!*.yaml' -- "$word"; compgen -d -- "$word") ;;
    compare | info | plot) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
    calc) mapfile -t COMPREPLY < <(compgen -W learning-coefficient -- "$word") ;;
    help) mapfile -t COMPREPLY < <(compgen -W "${!options[*]} study" -- "$word") ;;
    esac
}

complete -F _kramers kramers
