"""Fetch a table page by page."""

from __future__ import annotations

import ast
from contextlib import closing, nullcontext, suppress
from itertools import chain, islice
from typing import Any, Callable, Iterator, List, cast

from checker.model import ASKED, BEYOND, Advice, Broken, Fault, NotTried, Task
from checker.mysql_world import MySQLWorld, made_up, syntax_tree
from checker.shared import (
    BIND,
    LEAVE,
    LET_THROUGH,
    ORDER,
    PARENTHESES,
    QUIET,
    REFUSE_SIZE,
    UNDER_MAIN,
    as_user,
    attempt,
    binds_numbers,
    counted,
    expect,
    fails_without_the_table,
    fits,
    generator,
    hidden_error,
    import_reads_nothing,
    is_one_user,
    leaves_nothing_open,
    only_reads,
    orders_what_it_limits,
    prints_nothing,
    reads_the_right_database,
    refuses,
    runs_and_reads,
    something_came,
)
from checker.world import shortened


class PagesWorld(MySQLWorld):
    """The table, and whether the pages of this solution have no end."""

    is_endless = False


TASK = Task(
    "generators/2",
    "fetch a table page by page",
    "2-lazy_paginate.py",
    "2.",
    PagesWorld,
    # The curriculum uses both names.
    {"lazy_paginate": ("lazy_pagination", "lazypaginate"), "paginate_users": ("paginateusers",)},
)
NEVER_FALSE = Advice(
    "What is `not page`, when page is a generator that has nothing to yield?",
    "return a list from paginate_users: a generator counts as true, even when nothing is left in it",
)
RETURN = Advice("What does a function give to its caller that ends without return?", "return the rows")
RETURN_IT = Advice(
    "What does the caller of a function with yield in it get?", "a generator, not the page: return the page"
)
WHOLE_PAGE = "yield the page, a list of users, without a loop over it"
PASS_IT_ON = Advice(
    "Which offset does the second query get?", "give paginate_users the offset that you count up, and not 0"
)
ADD_TO_IT = Advice("Where does the second page begin?", "add page_size to the offset after each page")
USERS = 35
MOST = 20  # pages that are read at most: some solutions never end


def pages(world: MySQLWorld, size: int) -> Iterator[Any]:
    """Adapter: `lazy_paginate`, with every page read as soon as it is there, if it is a generator itself."""
    function, call = by_its_name(world, size)
    world.watch()
    fits(world, function, call, size)
    with attempt(call):
        found = function(size)
    return map(as_page, generator(call, found))


def by_its_name(world: MySQLWorld, size: int) -> tuple[Callable[..., Any], str]:
    """Return the function, and a call of it with the name that it has here: the curriculum uses two."""
    module = world.load()
    name = world.spelling(module, "lazy_paginate")
    return getattr(module, name), f"{name}({size})"


class Streamed(List[Any]):
    """The users of a page that was a generator."""


def as_page(page: Any) -> Any:
    return Streamed(page) if hasattr(page, "__next__") else page


def counts_up(world: MySQLWorld) -> bool:
    """Tell whether a name is raised in a loop of the file, by what might be the size of a page."""
    loops = [node for node in ast.walk(syntax_tree(world.file)) if isinstance(node, (ast.For, ast.While))]
    for node in (inner for loop in loops for inner in ast.walk(loop)):
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
            return True
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp):
            added = {name.id for name in ast.walk(node.value) if isinstance(name, ast.Name)}
            if any(isinstance(target, ast.Name) and target.id in added for target in node.targets):
                return True
    return False


def read(found: Iterator[Any]) -> list[list[dict[str, Any]]]:
    """Return the pages as lists of dicts, up to the first that is empty; of an endless stream the first ones."""
    with attempt("reading all pages"):
        got: list[list[dict[str, Any]]] = []
        for page in found:
            if is_one_user(page):
                raise Broken("lazy_paginate yields users one by one, not pages of them", WHOLE_PAGE)
            if callable(page):
                said = (
                    f"lazy_paginate yields the function {getattr(page, '__name__', '')}, not what it returns"
                )
                raise Broken(said, PARENTHESES.hint)
            if not hasattr(page, "__iter__"):
                raise Fault(f"a page should be a list of users, not {shortened(page, 60)}")
            users = [as_user(user) for user in page]
            if not users:
                break
            got.append(users)
            if len(got) == MOST:
                break
    return got


def first_page(found: Iterator[Any]) -> list[Any]:
    with attempt("taking the first page"):
        page = next(found, None)
    if not page:
        raise NotTried("no page came")
    return list(page)


@TASK.probe(ASKED, "the pages hold every user once, and have the wanted size", decides=True)
def pages_hold_every_user(world: PagesWorld) -> None:
    world.prepare(USERS)
    found = pages(world, 10)
    got = read(found)
    only_reads(world)
    if len(got) == MOST:
        again = sum(user in got[0] for user in got[1])
        said = f"{MOST} pages of 10 came from a table of {USERS} users"
        if 0 < again < 10:
            raise Fault(f"{said}: {again} of the 10 on the second were on the first", ADD_TO_IT)
        world.is_endless = True
        why = ", each with the users of the first" if got[0] == got[-1] else ""
        advice = PASS_IT_ON if counts_up(world) else ADD_TO_IT
        raise Fault(f"there is no end: {said}{why}", advice if why else None)
    with attempt("reading on after the last page"):
        empty = list(islice(found, MOST))
    if len(empty) == MOST:
        world.is_endless = True
        raise Fault(
            f"there is no end: after the {len(got)} pages with users empty ones come for ever",
            NEVER_FALSE if isinstance(empty[0], Streamed) else None,
        )
    something_came(world, got, "page")
    sizes = [len(page) for page in got]
    expect("sizes of the pages of 10 from 35 users", [10, 10, 10, 5], sizes, hidden_error(world))
    expect("different users", USERS, len({user["email"] for user in chain.from_iterable(got)}))
    reads_the_right_database(world)


@TASK.probe(ASKED, "paginate_users returns the page after an offset")
def one_page(world: MySQLWorld) -> None:
    function = world.get("paginate_users")
    fits(world, function, "paginate_users(10, 25)", 10, 25)
    with attempt("paginate_users(10, 25)"):
        page = function(10, 25)
        if page is None:
            said = f"; it printed last: {world.complaint()}" if world.complaint() else ""
            raise Fault(
                f"paginate_users(10, 25) returned None instead of the users{said}",
                hidden_error(world) or RETURN,
            )
        if hasattr(page, "__next__"):
            users = list(page)
            if len(users) == 1 and not is_one_user(users[0]):
                raise Fault("paginate_users(10, 25) yields the page and does not return it", RETURN_IT)
            page = users
        expect("users in paginate_users(10, 25) of 30", 5, len(list(page)))


@TASK.probe(
    ASKED,
    "a page is fetched when it is asked for",
    Advice(
        "Which query runs when only the first page is wanted?", "yield each page before fetching the next"
    ),
)
def pages_are_lazy(world: MySQLWorld) -> None:
    found = pages(world, 10)
    first_page(found)
    first = len(selects(world))
    unread = world.holds_unread_rows()
    more = len(read(found))
    if len(selects(world)) - first < 2 and not unread:
        if more < 2:
            raise NotTried(f"only {more + 1} page{'s' * more} came")
        raise Fault("nearly all had been read from the table when the first of 3 pages was handed out")
    whole = [
        text for text in selects(world) if " limit " not in text.lower() and " where " not in text.lower()
    ]
    if whole and not unread:
        raise Fault(f"for a page of 10 the whole table is read: {shortened(whole[0])}")


def selects(world: MySQLWorld) -> list[str]:
    return [text for text in world.statements() if "select" in text.lower()]


@TASK.probe(ASKED, "runs by itself without an error")
def runs(world: PagesWorld) -> None:
    if world.is_endless:
        raise NotTried("the pages have no end")
    runs_and_reads(world)


@TASK.probe(BEYOND, "no page is fetched when the file is imported", UNDER_MAIN)
def import_fetches_nothing(world: MySQLWorld) -> None:
    import_reads_nothing(world)


@TASK.probe(BEYOND, "the pages have an order", ORDER)
def pages_are_ordered(world: MySQLWorld) -> None:
    found = read(pages(world, 10))
    if not found:
        raise NotTried("no page came")
    orders_what_it_limits(world)


@TASK.probe(BEYOND, "page size and offset are not written into the SQL", BIND)
def values_are_bound(world: MySQLWorld) -> None:
    function = world.get("paginate_users")
    world.watch()

    def call(size: object, offset: object) -> None:
        with attempt(f"paginate_users({size}, {offset})"):
            page = function(size, offset)
            if hasattr(page, "__iter__"):
                list(page)

    binds_numbers(world, call, 17, 13)


@TASK.probe(
    BEYOND,
    "all pages come through one connection",
    Advice(
        "What does a new connection cost, and what would a second parameter with a default change?",
        "open it in lazy_paginate and pass it on",
    ),
)
def one_connection(world: MySQLWorld) -> None:
    got = read(pages(world, 10))
    if len(got) < 2:
        raise NotTried(f"only {counted(len(got), 'pages')} came")
    if world.connections() > 2:
        raise Fault(f"{len(got)} pages cost {world.connections()} connections")


@TASK.probe(
    BEYOND,
    "nobody is shown twice when a user is added meanwhile",
    Advice(
        "What does OFFSET 10 mean after a row was added in front?", "read from a snapshot, or page by key"
    ),
)
def stable_pages(world: MySQLWorld) -> None:
    if len(read(pages(world, 10))) == MOST:
        raise NotTried("the pages have no end")
    found = pages(world, 10)
    emails = [as_user(user)["email"] for user in first_page(found)]
    user = {**made_up(999), "user_id": "00000000-0000-0000-0000-000000000000"}
    world.execute(f"INSERT INTO {world.NAME}.user_data VALUES (%s, %s, %s, %s)", tuple(user.values()))
    emails += [user["email"] for user in chain.from_iterable(read(found))]
    twice = sorted({email for email in emails if emails.count(email) > 1})
    if twice:
        raise Fault(f"a user was added between pages 1 and 2, and then {twice[0]} was shown on both")


@TASK.probe(BEYOND, "the connection is closed, also after an early end or an error", LEAVE)
def leaves_early(world: MySQLWorld) -> None:
    leaves_nothing_open(world, lambda: reader(world), 1, "of 3 pages")
    world.prepare()
    paginate_users = world.get("paginate_users")
    world.keep_connections()
    is_held = False
    with suppress(Exception):
        page = paginate_users(10, 0)
        is_held = hasattr(page, "__next__") and next(page, None) is not None
    if is_held and world.left_open():
        raise Fault(
            "while the caller holds the page of paginate_users(10, 0), its connection is open", RETURN_IT
        )


def reader(world: MySQLWorld) -> Callable[[], Any]:
    function = world.get("lazy_paginate")
    return lambda: half_read(function(10))


def half_read(found: Iterator[Any]) -> Iterator[Any]:
    """Yield the pages, of each that is a generator the first user before the rest is read; the first ones only."""
    with closing(cast(Any, found)) if hasattr(found, "close") else nullcontext():
        for page in islice(found, MOST):
            if hasattr(page, "__next__"):
                with closing(page):
                    yield [*islice(page, 1)]
                    for _ in page:
                        pass
            else:
                yield page


@TASK.probe(BEYOND, "prints nothing among the pages", QUIET)
def prints_no_words(world: MySQLWorld) -> None:
    prints_nothing(world, lambda: pages(world, 10), "pages")


@TASK.probe(BEYOND, "a database error reaches the caller", LET_THROUGH)
def error_is_raised(world: MySQLWorld) -> None:
    module = world.load()
    paginate_users = world.find(module, "paginate_users")
    world.find(module, "lazy_paginate")
    world.drop_table()
    try:
        got = paginate_users(10, 0)
        got = list(got) if hasattr(got, "__next__") else got
    except (Exception, SystemExit):  # which one matters where it comes out of lazy_paginate
        pass
    else:
        raise Fault(f"without the table user_data, paginate_users(10, 0) gave {shortened(got, 60)}")
    world.prepare()
    fails_without_the_table(world, lambda: reader(world), "pages")


@TASK.probe(BEYOND, "a page size of 0 is refused", REFUSE_SIZE)
def zero_is_refused(world: MySQLWorld) -> None:
    function, call = by_its_name(world, 0)
    refuses(ValueError, call, lambda: as_page(next(iter(function(0)), "nothing")))
