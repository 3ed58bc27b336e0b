#!/usr/bin/env python3
"""Measure what the READMEs say about speed and memory, beside what people use instead.

make bench                            all topics; rewrites results.json, the tables and the pictures
make bench-quick                      a tenth of the rows, one round; only prints
python3 tests/benchmarks pages async  these topics; only prints
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
import tempfile
from contextlib import closing
from importlib import metadata
from pathlib import Path
from typing import Any

from samples import Samples, Table, claims_table, show_progress

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
RESULTS = HERE / "results.json"
TOPICS = ["streaming", "leaving", "pages", "average", "seeding", "decorators", "async", "gathering"]
SIZES = [10_000, 100_000, 1_000_000]  # rows
ROUNDS = 5
PACKAGES = ["mysql-connector-python", "PyMySQL", "mysqlclient", "SQLAlchemy", "pandas", "tenacity", "backoff"]
PACKAGES += ["cachetools", "aiosqlite"]
READMES = [*ROOT.glob("python-*/README.md"), HERE / "README.md"]


def fresh(folder: str) -> None:
    """Let imports find the modules of one project: each has a seed and a common of its own."""
    for name, module in list(sys.modules.items()):
        if Path(getattr(module, "__file__", None) or "/").parent.parent == ROOT:
            del sys.modules[name]
    sys.path[:] = [str(ROOT / folder), *(path for path in sys.path if not path.startswith(f"{ROOT}/python-"))]


def fill_databases(sizes: list[int]) -> str:
    """Make a database for each size, and return the name and version of the server."""
    fresh("python-generators-0x00")
    seed: Any = importlib.import_module("seed")
    users: Any = importlib.import_module("users")
    for rows in sizes:
        os.environ["MYSQL_DATABASE"] = os.environ["BENCH_LARGEST"] = f"bench_{rows}"
        with closing(seed.connect_db()) as connection:
            seed.create_database(connection)
        with closing(seed.connect_to_prodev()) as connection:
            connection.cursor().execute(seed.CREATE_TABLE)
            with seed.transaction(connection) as cursor:
                seed.insert_users(cursor, users.made_up_users(rows))
    with closing(seed.connect_db()) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT VERSION()")
        version = str(cursor.fetchall()[0][0])
    name, number = "MariaDB" if "MariaDB" in version else "MySQL", version.split("-")[0]
    return f"{name} {number}"


def versions(server: str) -> str:
    """Return what was measured on: the machine, and all versions."""
    found = [f"Python {platform.python_version()}", server, f"SQLite {sqlite_version()}"]
    for package in PACKAGES:
        try:
            found.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            continue
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{platform.system()}, {cores} cores, " + ", ".join(found)


def sqlite_version() -> str:
    import sqlite3

    return sqlite3.sqlite_version


def measure(names: list[str], sizes: list[int], rounds: int) -> dict[str, Any]:
    """Measure these topics on a throwaway server, print their tables, and return all samples."""
    fresh("python-generators-0x00")
    server: Any = importlib.import_module("throwaway_mysql").ThrowawayServer()
    results: dict[str, Any] = {"sizes": sizes, "rounds": rounds, "samples": {}}
    with tempfile.TemporaryDirectory() as folder, server as settings:
        os.environ.update(settings, BENCH_FOLDER=folder, TMPDIR=folder)
        show_progress("filling the databases")
        results["versions"] = versions(fill_databases([1, *sizes]))
        for name in names:
            topic: Any = importlib.import_module(f"bench_{name}")
            fresh(topic.FOLDER)
            os.environ["USERS_DB"] = os.path.join(folder, "users.db")
            samples = Samples(topic.__name__)
            topic.measure(samples, sizes, rounds)
            results["samples"][name] = samples.taken
            show_progress("")
            print_topic(name, results)
    print(results["versions"])
    return results


def samples_of(results: dict[str, Any], name: str) -> Samples:
    return Samples(f"bench_{name}", results["samples"][name])


def print_topic(name: str, results: dict[str, Any]) -> None:
    topic: Any = importlib.import_module(f"bench_{name}")
    samples = samples_of(results, name)
    print(f"{name}: {topic.__doc__.splitlines()[0]}\n")
    for table in topic.tables(samples, results["sizes"]):
        print(table.text() + "\n")
    for claim in topic.claims(samples, results["sizes"]):
        print("  {}: {} ({}, reached: {})".format(*claim.row()))
    print(flush=True)


def all_tables(results: dict[str, Any]) -> list[Table]:
    """Return the tables of the READMEs, made from the samples of a run."""
    found, claims = [], []
    for name in TOPICS:
        topic: Any = importlib.import_module(f"bench_{name}")
        samples = samples_of(results, name)
        found += topic.tables(samples, results["sizes"])
        claims += topic.claims(samples, results["sizes"])
    machine = Table("machine", ["measured on"], [[results["versions"]]])
    return [*found, claims_table(claims), machine]


def with_tables(text: str, tables: list[Table]) -> str:
    """Return the text of a README with the tables put in their places: <!-- measured: NAME -->."""
    for table in tables:
        begin, end = f"<!-- measured: {table.name} -->\n\n", "\n\n<!-- end -->"
        before, found, rest = text.partition(begin)
        if found:
            text = before + begin + table.markdown() + end + rest.partition(end)[2]
    return text


def rewrite_readmes(results: dict[str, Any]) -> None:
    for readme in READMES:
        text = readme.read_text(encoding="utf-8")
        readme.write_text(with_tables(text, all_tables(results)), encoding="utf-8")


def draw_pictures(results: dict[str, Any]) -> None:
    import bench_pages
    import pictures

    sizes = results["sizes"]
    streaming, paging = samples_of(results, "streaming"), samples_of(results, "pages")
    pictures.draw_all(streaming, paging, sizes, bench_pages.numbers(sizes))


def main() -> None:
    command_line = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter, prog="tests/benchmarks"
    )
    command_line.add_argument("topics", nargs="*", metavar="TOPIC", help=", ".join(TOPICS))
    command_line.add_argument("--quick", action="store_true", help="a tenth of the rows, one round")
    command_line.add_argument("--redraw", action="store_true", help="measure nothing; use results.json")
    arguments = command_line.parse_args()
    for name in arguments.topics:
        if name not in TOPICS:
            command_line.error(f"there is no topic {name!r}; there are {', '.join(TOPICS)}")
    if arguments.redraw:
        results = json.loads(RESULTS.read_text(encoding="utf-8"))
    else:
        sizes = [rows // 10 for rows in SIZES] if arguments.quick else SIZES
        results = measure(arguments.topics or TOPICS, sizes, 1 if arguments.quick else ROUNDS)
        if arguments.quick or arguments.topics:
            return
        RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    rewrite_readmes(results)
    draw_pictures(results)


if __name__ == "__main__":
    main()
