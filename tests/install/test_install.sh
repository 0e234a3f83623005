#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `make install` into an empty folder, a program built against it through pkg-config, `make uninstall`. Speaks TAP.
set -u
unset MAKEFLAGS MAKELEVEL MFLAGS

BUILD=${BUILD:-build}
if nm -u "$BUILD/libkramers.a" 2>/dev/null | grep -qE '__(asan|tsan|gcov)_'; then
    echo "1..0 # SKIP an instrumented build is not installed"
    exit 0
fi
dest=$(mktemp -d) || exit 1
trap 'rm -rf "$dest"' EXIT
prefix=/opt/kramers-2.385
root=$dest$prefix
count=0
failed=0

ok() { # status, sentence
    count=$((count + 1))
    if [ "$1" -eq 0 ]; then echo "ok $count - $2"; else
        echo "not ok $count - $2"
        failed=1
    fi
}
install_with() { make -s "$1" BUILD="$BUILD" PREFIX="$prefix" DESTDIR="$dest" >"$dest/log" 2>&1; }
flags() { PKG_CONFIG_PATH=$root/lib/pkgconfig pkg-config --define-variable=prefix="$root" "$@" kramers; }

# value: the version the library is built as
version=$(sed -n 's/^VERSION := //p' Makefile)

# law: everything is where its users look for it
install_with install
ok $? "make install succeeds" || cat "$dest/log"
for file in bin/kramers lib/libkramers.a lib/libkramers.so lib/libkramers.so.0 "lib/libkramers.so.$version" \
    include/kramers/core/core.h include/kramers/core/status.h lib/pkgconfig/kramers.pc share/man/man1/kramers.1 \
    share/bash-completion/completions/kramers; do
    [ -s "$root/$file" ]
    ok $? "$file is there"
done
! grep -rn '@[A-Z]*@' "$root/lib/pkgconfig" "$root/share"
ok $? "no @NAME@ is left unfilled"

# value: versions agree
[ "$(flags --modversion)" = "$version" ] && "$root/bin/kramers" --version | grep -qF "$version" &&
    grep -qF "kramers $version" "$root/share/man/man1/kramers.1"
ok $? "pkg-config, the command and the manual page name version $version"

# value: 0.1 added ten times is 1 with compensation, and is not without
cat >"$dest/program.c" <<'END'
#include <kramers/core/core.h>
#include <stdio.h>
int main(void) {
    double x[10];
    for (int i = 0; i < 10; i++) x[i] = 0.1;
    printf("%d %s\n", core_sum(x, 10, 1) == 1.0, core_status_name(CORE_BAD_INPUT));
    return 0;
}
END
build_and_run() { # libraries: does the program build, and give its answer?
    # shellcheck disable=SC2046  # a list of flags
    ${CC:-cc} -Wall -Wextra -Werror -o "$dest/program" "$dest/program.c" $(flags --cflags) "$@" &&
        [ "$(LD_LIBRARY_PATH=$root/lib "$dest/program")" = "1 bad input" ]
}
# shellcheck disable=SC2046
build_and_run $(flags --libs)
ok $? "a program builds against the shared library, without a warning, and runs"
readelf -d "$dest/program" | grep -q 'NEEDED.*libkramers\.so\.0\]'
ok $? "it asks for libkramers.so.0"
rm -f "$root"/lib/libkramers.so*
# shellcheck disable=SC2046  # the archive, and what it needs itself as shared libraries
build_and_run $(flags --libs) -pthread $(pkg-config --libs $(flags --print-requires-private)) -lm
ok $? "a program builds against the archive and runs"

# law: every header that is installed can be included first and alone
alone=0
while read -r header; do
    # shellcheck disable=SC2046
    echo "#include <${header#"$root"/include/}>" | ${CC:-cc} -Wall -Wextra -Werror -fsyntax-only -x c $(flags --cflags) - || alone=1
done < <(find "$root/include" -name '*.h')
ok $alone "every header stands alone"

# law: completion and manual page know the same verbs
complete_line() { # words of a command line, the last one being completed
    bash -c 'compopt() { :; }; . "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _kramers; printf "%s\n" "${COMPREPLY[@]}"' \
        - "$root/share/bash-completion/completions/kramers" "$@" | sort
}
[ "$(complete_line "$root/bin/kramers" po)" = point ] && complete_line "$root/bin/kramers" run --re | grep -qx -e --resume
ok $? "completion finds a verb and an option"
unknown=0
for verb in $(complete_line "$root/bin/kramers" '' | grep -v -e --); do
    grep -qE "^\.(B|BI|BR) \"?$verb\b" "$root/share/man/man1/kramers.1" || unknown=1
done
ok $unknown "every verb that completes is in the manual page"

# law: uninstall undoes install
install_with uninstall
ok $? "make uninstall succeeds"
left=$(find "$root" ! -type d)
[ -z "$left" ] && [ ! -e "$root/include/kramers" ]
ok $? "nothing is left" || echo "# $left"

echo "1..$count"
exit $failed
