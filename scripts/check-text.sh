#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The text of the sources: the licence line first (second in a script), no trailing blanks, at most 600 lines a file
# (but for the bibliography, which is a list).
# Prints a line per offence; exit status 1 if there is one.
set -eu

find Makefile .ci core dln sde ffpe compare lab scripts plots tests papers ./*.md -type f 2>/dev/null |
    grep -E '(\.([ch]|sh|gp|bash|md|yaml|bib)|Makefile|\.ci/run)$' | grep -v '^tests/reference/' | sort | xargs awk '
function offence(place, sentence) {
    print place ": " sentence
    offences++
}
function leave() {
    if (name == "") return
    if (!licensed && name !~ /\.(md|yaml|bib)$/) offence(name, "no SPDX line at its top")
    if (count > 600 && name !~ /\.bib$/) offence(name, count " lines, at most 600")
}
FNR == 1 { leave(); name = FILENAME; licensed = 0 }
FNR <= 2 && /SPDX-License-Identifier: GPL-3.0-or-later/ { licensed = FNR == 1 || name !~ /\.[ch]$/ }
/[ \t]$/ { offence(FILENAME ":" FNR, "trailing blanks") }
{ count = FNR }
END { leave(); exit offences > 0 }' || exit 1
