#!/bin/sh
# install-server.sh PYTHON: install a MySQL server program, no service, unless there is one to use already.
set -eu
. "$(dirname "$0")/packages.sh"
python=$1

find_server() {
    PYTHONPATH=python-generators-0x00 "$python" -c "$1"
}

if [ -n "${MYSQL_HOST:-}${MYSQL_UNIX_SOCKET:-}" ] ||
    find_server 'import throwaway_mysql as t; t.find_program("mariadbd", "mysqld")' 2>/dev/null; then
    exit 0
fi
say "neither mysqld nor mariadbd is installed"
if command -v apt-get >/dev/null; then
    as_root apt-get update -qq
    # The plain name where there is one; older releases have only names with a version, such as ...-core-10.6.
    server=$(apt-cache search --names-only '^mariadb-server-core' | cut -d' ' -f1 | sort | head -n 1)
    server=${server:-mariadb-server-core}
    apt_install "$server" "$(echo "$server" | sed s/server/client/)"
elif command -v dnf >/dev/null; then
    say "installing with dnf: mariadb-server"
    as_root dnf install -y -q mariadb-server
elif command -v pacman >/dev/null; then
    say "installing with pacman: mariadb"
    as_root pacman -S --noconfirm --needed mariadb
elif command -v brew >/dev/null; then
    say "installing with brew: mariadb"
    brew install --quiet mariadb
else
    say "and this machine has none of apt, dnf, pacman and brew. Install MySQL or MariaDB by hand, or set"
    say "MYSQL_HOST, MYSQL_USER and MYSQL_PASSWORD to use a server that runs already."
    exit 1
fi
