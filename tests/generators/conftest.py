"""Where the tests of python-generators-0x00 find their project."""

from __future__ import annotations

from pathlib import Path

from support import GENERATORS

import pytest


@pytest.fixture(scope="session")
def project() -> Path:
    """The folder of the scripts under test."""
    return GENERATORS
