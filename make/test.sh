#!/usr/bin/env bash
# test.sh PYTHON: run the tests in two halves side by side, because that halves the time.
set -uo pipefail
python=$1
half=(tests/test_checker*.py tests/test_start.py tests/test_watch.py tests/test_readmes.py)

output=$(mktemp)
trap 'rm -f "$output"' EXIT
"$python" -m pytest "${half[@]}" >"$output" 2>&1 &
"$python" -m pytest "${half[@]/#/--ignore=}"
other=$?
wait $!
status=$?
cat "$output"
exit $((other > status ? other : status))
