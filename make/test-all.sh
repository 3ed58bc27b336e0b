#!/usr/bin/env bash
# test-all.sh: run the tests on every CPython from 3.8 up that is on this machine, and print a table.
set -uo pipefail

# In PATH and in pyenv's folders; one interpreter for each minor version, the first one found.
candidates() {
    for minor in $(seq 8 30); do
        command -v "python3.$minor"
        ls -d "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3."$minor".*/bin/python3 2>/dev/null
    done
}

version_of() {
    "$1" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3], sys.implementation.name)' 2>/dev/null
}

table="" status=0 seen=" "
while read -r python; do
    version=$(version_of "$python") || continue
    [[ $version == *" cpython" ]] || continue
    version=${version% *} minor=${version%.*}
    [[ $seen == *" $minor "* ]] && continue
    seen+="$minor "
    log=$(mktemp)
    if make --no-print-directory test PYTHON="$python" 2>&1 | tee "$log"; then
        result=passed
    else
        result=FAILED status=1
    fi
    table+=$(printf '%-10s %-7s %s' "$version" "$result" "$(tail -n 1 "$log" | tr -d =)")$'\n'
    rm -f "$log"
done < <(candidates)
printf '\n%s' "$table"
exit "$status"
