"""Where the tests of python-decorators-0x01 find their project."""

from __future__ import annotations

from pathlib import Path

from support import DECORATORS

import pytest


@pytest.fixture(scope="session")
def project() -> Path:
    """The folder of the scripts under test."""
    return DECORATORS
