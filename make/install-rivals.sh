#!/bin/sh
# install-rivals.sh PYTHON: install what the benchmarks compare with; what cannot be installed is named and left out.
set -eu
. "$(dirname "$0")/packages.sh"
python=$1

# mysqlclient comes as source: it is compiled here, against the headers of MySQL or MariaDB.
if command -v apt-get >/dev/null && ! pkg-config --exists mysqlclient 2>/dev/null; then
    set -- gcc libc6-dev pkg-config default-libmysqlclient-dev python3-dev
    apt_install "$@" || say "mysqlclient may not be installable; ask an administrator for: $*"
fi
grep -v '^ *\(#\|$\)' tests/benchmarks/requirements.txt | while read -r rival; do
    "$python" -m pip install --quiet --disable-pip-version-check "$rival" </dev/null ||
        say "$rival cannot be installed here: it is left out"
done
