# SPDX-License-Identifier: GPL-3.0-or-later
# Completion of `kramers` for bash. Verbs and options are asked of the program itself: its help is made from its tables.

_kramers() {
    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} verb=${COMP_WORDS[1]} program=${COMP_WORDS[0]}
    local verbs options
    COMPREPLY=()
    verbs=$("$program" --help 2>/dev/null | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p')
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$verbs --help --version" -- "$word")
        return
    fi
    case $previous in
    -o) mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
    --format) mapfile -t COMPREPLY < <(compgen -W 'svg png pdf' -- "$word"); return ;;
    --metrics) mapfile -t COMPREPLY < <(compgen -W 'sliced-w2 w2 w1 sinkhorn mmd energy ks kl' -- "$word"); return ;;
    --at) mapfile -t COMPREPLY < <(compgen -W 'start end' -- "$word"); return ;;
    --bandwidth) mapfile -t COMPREPLY < <(compgen -W median -- "$word"); return ;;
    --parametrisation) mapfile -t COMPREPLY < <(compgen -W 'S0 S1' -- "$word"); return ;;
    --set | --threads | --seed | --replicas | --replica | --projections | --permutations | --model | --widths | --rank | --k | --draws | --alpha | --beta | --scale | --location | --x | --count) return ;;
    esac
    case $word in
    -*)
        options=$("$program" "$verb" --help 2>/dev/null | sed -n 's/^  \(--\{0,1\}[a-z][a-z-]*\) .*/\1/p')
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
        return
        ;;
    esac
    compopt -o filenames 2>/dev/null
    case $verb in
    compare | survival | tails | info | plot) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
    sample) mapfile -t COMPREPLY < <(compgen -W 'stable gaussian' -- "$word") ;;
    calc) mapfile -t COMPREPLY < <(compgen -W 'learning-coefficient stable-pdf stable-cdf stable-sf stable-quantile' -- "$word") ;;
    help) mapfile -t COMPREPLY < <(compgen -W "$verbs study" -- "$word") ;;
    *) mapfile -t COMPREPLY < <(compgen -f -X '!*.yaml' -- "$word"; compgen -d -- "$word") ;;
    esac
}

complete -F _kramers kramers
