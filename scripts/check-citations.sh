#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Every citation, [key] or [key, eq. n] with a key like saxe2014, has its entry in papers/references.bib.
# Prints a line per offence; exit status 1 if there is one.
set -eu

bibliography=papers/references.bib
find core dln sde ffpe compare lab tests plots scripts papers CONVENTIONS.md README.md -name '*.[ch]' -o -name '*.gp' -o -name '*.md' 2>/dev/null |
    sort | xargs awk '
FILENAME == ARGV[1] {
    if (match($0, /^@[a-z]+\{[^,]+/)) known[substr($0, index($0, "{") + 1, RLENGTH - index($0, "{"))] = 1
    next
}
{
    line = $0
    # an index, table[key2014], follows a name, a bracket or a parenthesis
    while (match(line, /(^|[^]A-Za-z0-9_)])\[[a-z]+[0-9][0-9][0-9][0-9][a-z]?(, [^]]*)?\]/)) {
        key = substr(line, RSTART, RLENGTH)
        line = substr(line, RSTART + RLENGTH)
        sub(/^[^[]*\[/, "", key)
        sub(/[],].*/, "", key)
        if (key in known) continue
        printf "%s:%d: [%s] is not in %s\n", FILENAME, FNR, key, ARGV[1]
        offences++
    }
}
END { exit offences > 0 }' "$bibliography" || exit 1
