"""Fill the table from a CSV file."""

from __future__ import annotations

from typing import Any

from checker.model import ASKED, BEYOND, Advice, Crash, Fault, NotTried, Stop, Task
from checker.mysql_world import MySQLWorld, csv_rows
from checker.shared import attempt, expect, runs_by_itself

STEPS = ("connect_db", "create_database", "connect_to_prodev", "create_table", "insert_data")
TASK = Task(
    "generators/seed",
    "fill the table from a CSV file",
    "seed.py",
    "The seed.",
    MySQLWorld,
    dict.fromkeys(STEPS, ()),
    files=("user_data.csv",),
)


def seed(world: MySQLWorld, module: Any, data: str = "user_data.csv") -> list[Any]:
    """Adapter: what the curriculum's driver does; return the rows of user_data, wherever it was made."""
    missing = [name for name in STEPS if not hasattr(module, name)]
    if missing:
        raise Crash(f"seed.py defines no {' and no '.join(missing)}")
    with attempt("connect_db() and create_database()"):
        connection = module.connect_db()
        module.create_database(connection)
        connection.close()
    with attempt("connect_to_prodev() and create_table()"):
        connection = module.connect_to_prodev()
        module.create_table(connection)
    with attempt(f"insert_data(connection, {data!r})"):
        module.insert_data(connection, data)
    return stored(world)


def stored(world: MySQLWorld) -> list[Any]:
    query = "SELECT table_schema FROM information_schema.tables WHERE table_name = 'user_data'"
    places = [place for (place,) in world.rows(query)]
    return world.rows(f"SELECT user_id, name, email, age FROM `{places[0]}`.user_data") if places else []


def fresh(world: MySQLWorld) -> Any:
    """Import the file on a server without databases."""
    empty_server(world)
    return world.load()


def empty_server(world: MySQLWorld) -> None:
    world.drop_databases()
    world.redirection.mysql_name = ""


@TASK.probe(ASKED, "makes database and table, and fills it from user_data.csv", decides=True)
def fills_the_table(world: MySQLWorld) -> None:
    rows = seed(world, fresh(world))
    wanted = {row["email"] for row in csv_rows(world.file.parent / "user_data.csv")}
    expect("number of users in the table", len(wanted), len({email for _, _, email, _ in rows}))
    if any(not user_id for user_id, *_ in rows):
        raise Fault("there are users without a user_id")


TASK.probe(ASKED, "runs by itself without an error")(runs_by_itself)


@TASK.probe(
    BEYOND,
    "seeding twice adds nothing",
    Advice(
        "How does the table know that it has somebody already?",
        "derive the id from the email, or make the email unique",
    ),
)
def seeding_twice(world: MySQLWorld) -> None:
    module = fresh(world)
    first = len(seed(world, module))
    if not first:
        raise NotTried("no user was stored the first time")
    second = len(seed(world, module))
    if second != first:
        raise Fault(f"after seeding once the table had {first} rows, and after the second time {second}")


@TASK.probe(
    BEYOND,
    "a file with a bad row is refused as a whole",
    Advice(
        "What is in the table after an error in the middle of a file?", "insert all rows in one transaction"
    ),
)
def bad_row(world: MySQLWorld) -> None:
    module = fresh(world)
    lines = (world.file.parent / "user_data.csv").read_text(encoding="utf-8-sig").splitlines()[:4]
    (world.file.parent / "good.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    if len(seed(world, module, "good.csv")) < len(lines) - 1:
        raise NotTried("a small file without a bad row was not loaded")
    empty_server(world)
    bad = lines[-1].rsplit(",", 1)[0] + ",not a number"
    (world.file.parent / "bad.csv").write_text("\n".join([*lines, bad, ""]), encoding="utf-8")
    try:
        seed(world, module, "bad.csv")
    except Stop:
        raise
    except Fault:
        pass
    rows = stored(world)
    if rows:
        raise Fault(f"of a file whose last row has the age 'not a number', {len(rows)} rows were kept")
