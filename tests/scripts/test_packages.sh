#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# scripts/packages.sh on made-up systems: a folder of a few commands is all it can see. Speaks TAP.
set -u

script=$PWD/scripts/packages.sh
bin=$(mktemp -d) || exit 1
trap 'rm -rf "$bin"' EXIT
count=0
failed=0

ok() { # status, sentence
    count=$((count + 1))
    if [ "$1" -eq 0 ]; then echo "ok $count - $2"; else
        echo "not ok $count - $2"
        echo "# status $status, said: $report, called: $(cat "$bin/calls" 2>/dev/null)"
        failed=1
    fi
}

fake() { # name, body: a command of the made-up system
    printf '#!/bin/sh\n%s\n' "$2" >"$bin/$1"
    chmod +x "$bin/$1"
}

# system USER: the tools every system has, nothing of the list, and a dpkg-query that knows the words in $bin/known
system() {
    rm -f "$bin"/*
    for tool in sh cat tr cut; do ln -s "$(command -v $tool)" "$bin/$tool"; done
    for tool in gcc make perl; do echo $tool; done >"$bin/known"
    fake id "echo $1"
    fake dpkg-query "while read -r word; do for last; do :; done; [ \"\$word\" = \"\$last\" ] && echo installed; done <$bin/known; true"
    fake env 'shift; exec "$@"'
    fake apt-get "echo \"apt-get \$*\" >>$bin/calls"
    fake sudo "echo sudo >>$bin/calls; exec \"\$@\""
}

run() { # words of the script: output in $report, exit status in $status
    report=$(PATH=$bin CC=false "$bin/sh" "$script" "$@" 2>&1)
    status=$?
}

# value: what is missing is what the list has and dpkg has not
system 0
run list build run check
expected=$(grep -vxE 'gcc|make|perl' <<<"$report" | tr '\n' ' ')
expected=${expected% }
[ "$status" -eq 0 ] && [ "$(wc -w <<<"$expected")" -ge 9 ]
ok $? "the list is there"
run missing
[ "$status" -eq 1 ] && grep -qF ": $expected" <<<"$report"
ok $? "missing packages are named, exit status 1"

# value: root installs them, the index first
run install
[ "$status" -eq 0 ] && [ "$(head -n 1 "$bin/calls")" = "apt-get update -q" ] &&
    [ "$(sed -n 2p "$bin/calls")" = "apt-get install -q -y --no-install-recommends $expected" ]
ok $? "root: update, then install of exactly the missing ones"

# law: where everything is installed apt-get is left alone
system 0
run list build run check lint
echo "$report" >"$bin/known"
run install build run check lint
[ "$status" -eq 0 ] && [ -z "$report" ] && [ ! -e "$bin/calls" ]
ok $? "nothing missing: nothing done, nothing said"

# law: a command that is there counts, whoever brought it
system 0
fake gnuplot true
run missing run
ok "$status" "a gnuplot from elsewhere will do"

# value: the ways it can go wrong, each with the names and exit status 1
system 1000
run install
[ "$status" -eq 0 ] && [ "$(head -n 1 "$bin/calls")" = sudo ]
ok $? "another user: by sudo"
system 1000
rm "$bin/sudo"
run install
[ "$status" -eq 1 ] && grep -qF "$expected" <<<"$report" && [ ! -e "$bin/calls" ]
ok $? "another user without sudo: named, stopped"
system 0
rm "$bin/apt-get" "$bin/dpkg-query"
run install build run
[ "$status" -eq 1 ] && grep -q 'gnuplot-nox' <<<"$report" && grep -q 'no apt-get' <<<"$report"
ok $? "no apt-get: named, stopped"
system 0
fake apt-get 'exit 100'
run install
[ "$status" -eq 1 ] && grep -qF "$expected" <<<"$report"
ok $? "apt-get fails: named, stopped"
run reinstall
[ "$status" -eq 1 ] && grep -q usage <<<"$report"
ok $? "an unknown word gets the usage"

echo "1..$count"
exit $failed
