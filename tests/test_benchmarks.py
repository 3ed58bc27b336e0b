"""The tables that the READMEs show are those of the last measurement, figure for figure."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
BENCHMARKS = ROOT / "tests" / "benchmarks"
READMES = sorted([*ROOT.glob("python-*/README.md"), BENCHMARKS / "README.md"])
PRINT_TABLES = """
import json, runpy, sys
sys.path.insert(0, "tests/benchmarks")
main = runpy.run_path("tests/benchmarks")
results = json.loads(main["RESULTS"].read_text())
print(json.dumps({table.name: table.markdown() for table in main["all_tables"](results)}))
"""


@pytest.fixture(scope="module")
def tables() -> Any:
    """The tables of the last measurement by name, made in a process of its own: it imports every topic."""
    done = subprocess.run(
        [sys.executable, "-c", PRINT_TABLES], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_table_in_a_readme_is_what_was_measured(tables: Any) -> None:
    text = "".join(readme.read_text(encoding="utf-8") for readme in READMES)
    assert text.count("<!-- measured: ") == len(tables)
    for name, table in tables.items():
        assert f"<!-- measured: {name} -->\n\n{table}\n\n<!-- end -->" in text


def test_every_table_says_what_falls_short(tables: Any) -> None:
    shorts = tables["claims"].count("**no**")
    reasons = (BENCHMARKS / "README.md").read_text(encoding="utf-8").split("What falls short, and why:")[1]
    assert reasons.split("\n## ")[0].count("\n- ") == shorts


def test_every_picture_is_small_and_leaves_the_paper_to_the_page() -> None:
    pictures = sorted((ROOT / "python-generators-0x00" / "pictures").glob("*.svg"))
    assert [picture.name for picture in pictures] == ["memory.svg", "pages.svg", "rows.svg"]
    for picture in pictures:
        text = picture.read_text(encoding="utf-8")
        assert len(text) < 30_000
        assert "fill: #ffffff" not in text
        assert "<text" in text
