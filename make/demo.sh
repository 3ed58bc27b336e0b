#!/usr/bin/env bash
# demo.sh PYTHON: run the scripts of all projects in order, each below its command line.
set -euo pipefail
. make/packages.sh
python=$1
lines=6
folders="python-generators-0x00 python-decorators-0x01 python-context-async-operations-0x02"

if ! has_server "$python"; then
    folders=${folders#* }  # install-server.sh has said so
elif [ -z "${MYSQL_HOST:-}${MYSQL_UNIX_SOCKET:-}" ]; then
    exec "$python" python-generators-0x00/throwaway_mysql.py "$0" "$python"
fi
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
export PYTHONUNBUFFERED=1 USERS_DB=$place/users.db  # a learner's own users.db stays as it is
for folder in $folders; do
    for script in "$folder"/seed.py "$folder"/[0-9]*.py; do
        sed -n '2s/^"""/# /p' "$script"  # the first line of its docstring
        echo "\$ python3 $script"
        case $script in
        *infinite_scroll*)
            echo "(serves a page until Ctrl-C: run it by hand, and open the address that it prints)"
            echo
            continue
            ;;
        esac
        "$python" "$script" 2>&1 </dev/null |
            awk -v most="$lines" 'NR <= most { print } END { if (NR > most) print "(" NR - most " more lines)" }'
        echo
    done
done
echo "Next: make start DIR=~/my-alx-backend-python"
