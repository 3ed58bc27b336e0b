#!/bin/sh
# install-server.sh PYTHON [later]: install a MySQL server program, no service, unless there is one to use already.
# Where that can't be done, say what is left out, unless somebody does later: the rest needs nothing but Python.
set -eu
. "$(dirname "$0")/packages.sh"
later=${2:-}

say_left_out() {
    [ -n "$later" ] || say "there is no MySQL server program, so what needs one (the generators) is left out; $*"
}

if has_server "$1"; then
    exit
elif command -v apt-get >/dev/null; then
    as_root apt-get update -qq || true
    # The plain name where there is one; older releases have only names with a version, such as ...-core-10.6.
    server=$(apt-cache search --names-only '^mariadb-server-core' | cut -d' ' -f1 | sort | head -n 1)
    server=${server:-mariadb-server-core}
    set -- apt "$server" "$(echo "$server" | sed s/server/client/)"
elif command -v dnf >/dev/null; then
    set -- dnf mariadb-server
elif command -v pacman >/dev/null; then
    set -- pacman mariadb
elif command -v brew >/dev/null; then
    set -- brew mariadb
else
    say_left_out "install MySQL or MariaDB by hand, or set MYSQL_HOST, MYSQL_USER and MYSQL_PASSWORD"
    exit
fi
install "$@" || { shift && say_left_out "ask an administrator for: $*"; }
