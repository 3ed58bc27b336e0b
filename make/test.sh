#!/usr/bin/env bash
# test.sh PYTHON: run the tests, those of the checker and of the rest side by side, because that halves the time.
set -uo pipefail
python=$1
checker=(tests/test_checker*.py tests/test_start.py tests/test_watch.py)

output=$(mktemp)
trap 'rm -f "$output"' EXIT
"$python" -m pytest "${checker[@]}" >"$output" 2>&1 &
"$python" -m pytest "${checker[@]/#/--ignore=}"
rest=$?
wait $!
checked=$?
cat "$output"
exit $((rest > checked ? rest : checked))
