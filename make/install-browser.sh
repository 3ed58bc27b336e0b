#!/bin/sh
# install-browser.sh PYTHON: install Chromium and its driver, unless they are there, and the library of the browser tests.
set -eu
. "$(dirname "$0")/packages.sh"
python=$1

if ! command -v chromedriver >/dev/null; then
    if command -v apt-get >/dev/null; then
        apt_install chromium chromium-driver || {
            say "there is no chromedriver; ask an administrator for: chromium chromium-driver"
            exit 1
        }
    else
        say "there is no chromedriver; install Chromium and its driver by hand"
        exit 1
    fi
fi
"$python" -m pip install --quiet --disable-pip-version-check --requirement tests/browser-requirements.txt
