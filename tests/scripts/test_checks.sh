#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The checks of the source, on a small tree that keeps every rule and then breaks one at a time. Speaks TAP.
set -u

scripts=$PWD/scripts
tree=$(mktemp -d) || exit 1
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree"/{core,sde,dln,lab,papers,build/core,build/sde}
cd "$tree" || exit 1
count=0
failed=0

ok() { # status, sentence
    count=$((count + 1))
    if [ "$1" -eq 0 ]; then echo "ok $count - $2"; else
        echo "not ok $count - $2"
        failed=1
    fi
}

reset_tree() {
    local licence='/* SPDX-License-Identifier: GPL-3.0-or-later */'
    printf '%s\n' "$licence" '/* [saxe2014, eq. 5] and [li2017], not table[key2014] */' '#include "core/a.h"' '#include <math.h>' >core/a.c
    printf '%s\n' "$licence" 'int core_a(void);' >core/a.h
    printf '%s\n' "$licence" '#include "core/a.h"' '#include "sde/sde.h"' >sde/sde.c
    printf '%s\n' "$licence" >sde/sde.h
    printf '%s\n' "$licence" '#include "dln/dln.h"' '#include "sde/sde.h"' >lab/main.c
    printf '%s\n' '@article{saxe2014,' '}' '@inproceedings{li2017,' '}' >papers/references.bib
    echo 'int core_a(void) { return 1; } static int b(void) { return 2; } int core_b(void) { return b(); }' >a.c
    ${CC:-cc} -c a.c -o build/core/a.o && rm a.c
}

run() { # check: its report in $report, its status in $status
    case $1 in
    symbols) report=$("$scripts/check-symbols.sh" build build/*/*.o) ;;
    *) report=$("$scripts/check-$1.sh") ;;
    esac
    status=$?
}

# law: a tree that keeps the rules passes in silence
reset_tree
for check in includes symbols citations text; do
    run $check
    [ $status -eq 0 ] && [ -z "$report" ]
    ok $? "$check: nothing to say about a clean tree"
done

# caught CHECK SENTENCE PATTERN: the tree as it is now gives exit status 1 and exactly one line, with PATTERN
caught() {
    run "$1"
    [ "$status" -eq 1 ] && [ "$(wc -l <<<"$report")" -eq 1 ] && grep -qE -e "$3" <<<"$report"
    ok $? "$1: $2"
    [ "$status" -eq 1 ] || echo "# status $status: $report"
    reset_tree
}

# law: one offence, one line that names file and line, exit status 1
echo '#include "dln/dln.h"' >>sde/sde.c
caught includes "no arrow between rooms" '^sde/sde.c:4: .*dln/dln.h'
echo '#  include "lab/study.h"' >>core/a.h
caught includes "core includes nothing above it" '^core/a.h:3: .*lab/study.h'
echo '#include "../dln/dln.h"' >>sde/sde.c
caught includes "no way around by .." '^sde/sde.c:4: '
echo '#include "a.h"' >>core/a.c
caught includes "a room is always named" '^core/a.c:5: .*"a.h"'
echo 'int sde_c(void) { return 1; }' >c.c && ${CC:-cc} -c c.c -o build/core/c.o && rm c.c
caught symbols "a symbol of another room" '^build/core/c.o exports sde_c'
rm build/core/c.o
echo 'double shared[3];' >c.c && ${CC:-cc} -c c.c -o build/sde/c.o && rm c.c
caught symbols "data without a prefix" '^build/sde/c.o exports shared'
rm build/sde/c.o
echo '/* after [risken1989, eq. 4.2] */' >>sde/sde.c
caught citations "an unknown key in a comment" '^sde/sde.c:4: \[risken1989\]'
echo 'as in [li2017] and [li2071, sec. 2].' >papers/notes.md
caught citations "an unknown key beside a known one, in a text" '^papers/notes.md:1: \[li2071\]'
rm papers/notes.md
echo 'int core_d(void);' >core/d.h
caught text "no licence line" '^core/d.h: no SPDX'
rm core/d.h
sed -i '1i /* first */' core/a.h
caught text "the licence line of a C file comes first" '^core/a.h: no SPDX'
echo 'int core_e(void); ' >>core/a.h
caught text "trailing blanks" '^core/a.h:3: trailing'
yes '/* line */' | head -n 600 >>core/a.h
caught text "602 lines" '^core/a.h: 602 lines'

echo "1..$count"
exit $failed
