#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# How prove runs a test: silent when it passes; when it fails, all it said is shown as well.
output=$("$@")
status=$?
printf '%s\n' "$output"
[ $status -eq 0 ] || printf '\n%s (exit status %s)\n%s\n' "$*" $status "$output" >&2
exit $status
