#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Every symbol an object exports begins with its room: check-symbols.sh BUILD OBJECT...
# Prints a line per offence; exit status 1 if there is one.
set -eu

build=$1
shift
# the sanitisers and gcov export names of their own
nm -A -P -g --defined-only "$@" | awk -v build="$build/" '
{
    object = substr($1, 1, length($1) - 1)
    room = substr(object, length(build) + 1)
    sub("/.*", "", room)
    if (index($2, room "_") == 1 || $2 ~ /^__(odr_asan|asan|tsan|gcov|covrec)/) next
    printf "%s exports %s: not %s_*\n", object, $2, room
    offences++
}
END { exit offences > 0 }'
