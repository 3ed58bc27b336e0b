#!/bin/sh
# install-venv.sh PYTHON VENV: make a virtual environment, with Debian's package for that if it is missing.
set -eu
. "$(dirname "$0")/packages.sh"
python=$1
venv=$2

if ! command -v "$python" >/dev/null; then
    say "there is no $python; install Python 3.8 or later, or name another with PYTHON=..."
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 8))'; then
    say "$("$python" --version) is too old: Python 3.8 or later is needed; name another with PYTHON=..."
    exit 1
fi
# Debian and Ubuntu keep a part of the standard library in a package of its own.
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null && command -v apt-get >/dev/null; then
    package=$(basename "$python")-venv
    apt_install "$package" || {
        say "there is no virtual environment without the package $package; ask an administrator for it"
        exit 1
    }
fi
say "making the virtual environment $venv"
"$python" -m venv --clear "$venv"
