#!/usr/bin/env bash
# test.sh PYTHON: run the tests in two halves side by side, because that halves the time.
set -uo pipefail
python=$1
half=(tests/test_checker*.py tests/test_start.py tests/test_watch.py tests/test_readmes.py)

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
trap 'kill $(jobs -p) 2>/dev/null' HUP INT TERM  # the tests end after the one that runs

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

echo "The tests run in two halves, side by side. You see the second one when both are done."
"$python" -m pytest "${half[@]}" >"$TMPDIR/output" 2>&1 &
second=$!
"$python" -m pytest "${half[@]/#/--ignore=}" &
wait_for $!
other=$?
wait_for "$second"
status=$?
cat "$TMPDIR/output"
exit $((other > status ? other : status))
