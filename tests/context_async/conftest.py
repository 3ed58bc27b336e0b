"""Where the tests of python-context-async-operations-0x02 find their project."""

from __future__ import annotations

from pathlib import Path

from support import CONTEXT

import pytest


@pytest.fixture(scope="session")
def project() -> Path:
    """The folder of the scripts under test."""
    return CONTEXT
