#!/usr/bin/env bash
# test.sh PYTHON: run the tests in three parts side by side, because many of them only wait.
set -uo pipefail
python=$1
second=(tests/test_checker_generators.py tests/test_checker_walls.py tests/test_start.py tests/test_watch.py)
third=(tests/test_checker.py tests/test_checker_[cd]*.py tests/test_readmes.py)

# Tell whether files in memory will do: there is room for a dozen servers, and programs may run there.
in_memory() {
    local probe room
    room=$(df -Pk "$1" 2>/dev/null | awk 'NR == 2 { print $4 }')
    [ "${room:-0}" -gt 4000000 ] && probe=$(mktemp -p "$1" 2>/dev/null) || return
    chmod +x "$probe"
    test -x "$probe"
    local status=$?
    rm -f "$probe"
    return "$status"
}

# Nothing that a test writes has to survive a crash, so no test has to wait for a disk.
if [ -z "${TMPDIR:-}" ] && in_memory /dev/shm; then
    TMPDIR=/dev/shm
fi
# All that the tests write is in one folder, which goes at the end: when the terminal is closed, too.
TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/tests-XXXXXX") || exit
export TMPDIR
# More than once, because a server that was killed may still write its last bytes.
trap 'for _ in 1 2 3 4 5; do rm -rf "$TMPDIR" && break; sleep 1; done' EXIT
stopped=
trap 'stopped=yes; kill $(jobs -p) 2>/dev/null' HUP INT TERM  # the tests end after the one that runs

# Wait for a process and return its status, also if a signal comes in between.
wait_for() {
    local status
    wait "$1"
    status=$?
    while kill -0 "$1" 2>/dev/null; do
        wait "$1"
        status=$?
    done
    return "$status"
}

echo "The tests run in three parts, side by side. You see the second and the third when all are done."
"$python" -m pytest "${second[@]}" >"$TMPDIR/second" 2>&1 &
runs=$!
"$python" -m pytest "${third[@]}" >"$TMPDIR/third" 2>&1 &
runs+=" $!"
"$python" -m pytest "${second[@]/#/--ignore=}" "${third[@]/#/--ignore=}" &
worst=0
for run in $! $runs; do
    wait_for "$run"
    status=$?
    worst=$((status > worst ? status : worst))
done
cat "$TMPDIR/second" "$TMPDIR/third"
[ -z "$stopped" ] || echo "The tests were stopped, and a failure above may come from that."
exit "$worst"
