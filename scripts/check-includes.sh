#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The rooms' dependency rule over #include: core <- dln, sde, ffpe, compare <- lab, and no arrow between the four.
# Prints a line per offence; exit status 1 if there is one.
set -eu

find core dln sde ffpe compare lab -name '*.[ch]' 2>/dev/null | sort | xargs awk '
BEGIN {
    allowed["core"] = " core "
    allowed["dln"] = " core dln "
    allowed["sde"] = " core sde "
    allowed["ffpe"] = " core ffpe "
    allowed["compare"] = " core compare "
    allowed["lab"] = " core dln sde ffpe compare lab "
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
    split(FILENAME, path, "/")
    split($0, quoted, "\"")
    slash = index(quoted[2], "/")
    room = slash ? substr(quoted[2], 1, slash - 1) : "(no room)"
    if (index(allowed[path[1]], " " room " ")) next
    printf "%s:%d: %s may not include \"%s\" (allowed:%s)\n", FILENAME, FNR, path[1], quoted[2], allowed[path[1]]
    offences++
}
END { exit offences > 0 }' /dev/null || exit 1
