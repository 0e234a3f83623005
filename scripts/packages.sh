#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The Debian packages this project needs: the one list. A row: package, what it is needed for, how its presence shows.
#   build: to compile    run: to draw the report    check: to run the tests    lint: to lint and format
#
#   scripts/packages.sh list [NEED...]       names them
#   scripts/packages.sh missing [NEED...]    names those that are not here; exit status 1 if there are any
#   scripts/packages.sh install [NEED...]    installs those (apt-get, with sudo unless root)
# Without NEED: build run check.
set -eu

table() {
    cat <<'END'
gcc             build  command gcc
make            build  command make
libc6-dev       build  header  stdio.h
pkgconf         build  command pkg-config
libgsl-dev      build  library gsl
libcyaml-dev    build  library libcyaml
libyaml-dev     build  library yaml-0.1
libhdf5-dev     build  library hdf5
libarpack2-dev  build  library arpack
liblapacke-dev  build  library lapacke
libopenblas-dev build  library openblas
libfftw3-dev    build  library fftw3
libsuitesparse-dev build header suitesparse/umfpack.h
librandom123-dev build header  Random123/philox.h
gnuplot-nox     run    command gnuplot
libcmocka-dev   check  library cmocka
perl            check  command prove
clang           lint   command clang
clang-tidy      lint   command clang-tidy
clang-format    lint   command clang-format
cppcheck        lint   command cppcheck
END
}

# Is the thing itself here, whoever installed it?
present() { # kind name
    case $1 in
    command) command -v "$2" >/dev/null 2>&1 ;;
    library) pkg-config --exists "$2" 2>/dev/null ;;
    header) echo "#include <$2>" | ${CC:-cc} -E -x c - >/dev/null 2>&1 ;;
    esac
}

# dpkg's word where there is a dpkg; a program or library from elsewhere counts as well.
installed() { # package kind name
    case $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null || true) in
    installed) return 0 ;;
    esac
    present "$2" "$3"
}

chosen() { # needs: rows of the table with one of them
    table | while read -r package need kind name; do
        case " $* " in *" $need "*) echo "$package $kind $name" ;; esac
    done
}

missing() {
    chosen "$@" | while read -r package kind name; do
        installed "$package" "$kind" "$name" || echo "$package"
    done
}

complain() { # packages, reason
    echo "missing packages (Debian's names): $1" >&2
    echo "$2" >&2
    exit 1
}

install() {
    absent=$(missing "$@" | tr '\n' ' ')
    absent=${absent% }
    [ -n "$absent" ] || return 0
    command -v apt-get >/dev/null 2>&1 ||
        complain "$absent" "There is no apt-get here: install them with this system's package manager, then try again."
    root=
    if [ "$(id -u)" != 0 ]; then
        root=sudo
        command -v sudo >/dev/null 2>&1 || complain "$absent" "As root: apt-get install $absent"
    fi
    echo "installing: $absent" >&2
    # shellcheck disable=SC2086  # a list of words
    if ! { $root apt-get update -q >&2 &&
        $root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $absent >&2; }; then
        complain "$absent" "apt-get could not install them (its messages are above)."
    fi
}

action=${1:-list}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- build run check
case $action in
list) chosen "$@" | cut -d ' ' -f 1 ;;
missing)
    absent=$(missing "$@" | tr '\n' ' ')
    [ -z "$absent" ] || complain "${absent% }" "'make packages' installs them where there is an apt-get."
    ;;
install) install "$@" ;;
*)
    echo "usage: scripts/packages.sh list|missing|install [build] [run] [check] [lint]" >&2
    exit 1
    ;;
esac
