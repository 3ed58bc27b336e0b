"""What the learner's code does with mysql.connector: which connections it closes, and what it writes into its SQL."""

from __future__ import annotations

import re
import sys
from collections import deque
from typing import Any, cast

from checker.redirect import Redirection

NAME = "ALX_prodev"
ASKED_NAME = re.compile(rf"(?i)\b{NAME}\b")
USE = re.compile(r"(?i)(^|;)(\s*USE\s+)`?\w+`?")
# What MySQL 8 and 9 sort by unless they are told otherwise; MariaDB before 11.4 has none with such a name.
ORDER_OF_MYSQL, ORDER_OF_BOTH = re.compile(r"(?i)\butf8mb4_0900_\w+"), "utf8mb4_general_ci"
INTERRUPTED = "Query execution was interrupted"
NAMES_END = 2000  # characters: what comes later in a statement is values, and there can be very many
MOST_OF_AN_ERROR = 60  # characters that tell its text from others
QUALIFIED = re.compile(r"(?i)`?\b\w+`?\.(`?user_data\b)")


class Connector:
    """mysql.connector as the learner's code finds it.

    Whoever works on Windows can write the name of the database in any case, so any case means ours; and where
    the database is prepared, every other name does too, as it does in connect().
    """

    def __init__(self, redirection: Redirection) -> None:
        self.redirection = redirection
        self.is_down = False  # whether the server seems to be out of reach
        self.refuses = (
            False  # whether it says no to each query of the code, with the connection as good as ever
        )
        self.breaks_after = 0  # how many rows come before an error of the server; 0 for no error
        self.keeps = False  # whether connections are kept, so that nothing but close() closes them
        self.kept: list[Any] = []
        self.closed: set[int] = set()
        self.has_prepared = False  # whether there was a prepared statement
        self.other_names: list[str] = []  # of databases that the code asked for, and are not ours
        self.turned_away: set[str] = set()  # the learner's files that asked for a connection while it is_down
        self.admin: Any = None  # the checker's own connection
        self.rows = 0  # that the code read since forget()
        self.queries: list[str] = []  # as the code gave them to execute(), before values were put in
        self.errors: deque[str] = deque(maxlen=100)  # what the driver said in those it raised
        self.install()

    def begin(self) -> None:
        self.is_down = self.refuses = self.keeps = self.has_prepared = False
        self.breaks_after = 0
        self.other_names.clear()
        self.turned_away.clear()
        self.errors.clear()
        self.forget()

    def forget(self) -> None:
        self.kept.clear()
        self.closed.clear()
        self.queries.clear()
        self.rows = 0

    def is_closed(self, connection: Any) -> bool:
        return id(connection) in self.closed

    def install(self) -> None:
        from mysql.connector import connection, cursor

        kinds: list[tuple[Any, Any]] = [(connection.MySQLConnection, cursor.MySQLCursor)]
        try:
            from mysql.connector import connection_cext, cursor_cext

            kinds.append((connection_cext.CMySQLConnection, cursor_cext.CMySQLCursor))
        except ImportError:  # the driver without its C extension
            pass
        self.watch_errors()
        for connection_kind, cursor_kind in kinds:
            self.watch_connections(connection_kind)
            self.watch_queries(cursor_kind)

    def watch_errors(self) -> None:
        from mysql.connector import errors

        connector, kind = self, cast(Any, errors.Error)
        initialise = kind.__init__

        def remembers(self: Any, *arguments: Any, **options: Any) -> None:
            initialise(self, *arguments, **options)
            connector.errors.append(" ".join(str(self.msg).split())[:MOST_OF_AN_ERROR])

        kind.__init__ = remembers

    def watch_connections(self, kind: Any) -> None:
        from mysql.connector.errors import InterfaceError, OperationalError

        connector = self
        config, close, cmd_query, prepare = kind.config, kind.close, kind.cmd_query, kind.cmd_stmt_prepare
        get_rows = kind.get_rows

        def reaches_us(self: Any, **options: Any) -> None:
            if connector.is_down:
                connector.turned_away.add(learners_file())
                text = "Can't connect to MySQL server on 'localhost:3306' (111 Connection refused)"
                raise InterfaceError(text, errno=2003)
            for name in ("database", "db"):
                if name in options:
                    # The driver takes the blanks away that are around it.
                    options[name] = ASKED_NAME.sub(NAME, str(options[name] or "").strip())
                    if options[name] not in ("", NAME, *connector.other_names):
                        connector.other_names.append(options[name])
            if "collation" in options:
                options["collation"] = ORDER_OF_MYSQL.sub(ORDER_OF_BOTH, str(options["collation"]))
            if connector.keeps:
                connector.kept.append(self)
            connector.closed.discard(id(self))
            config(self, **options)

        def closes(self: Any) -> None:
            was_open = number_of(self) is not None  # connect() begins with a disconnect()
            close(self)
            if was_open:
                connector.closed.add(id(self))

        def asks(self: Any, query: Any, *arguments: Any, **options: Any) -> Any:
            return cmd_query(self, connector.renamed(query), *arguments, **options)

        def prepares(self: Any, statement: Any, *arguments: Any, **options: Any) -> Any:
            connector.has_prepared = True
            return prepare(self, connector.renamed(statement), *arguments, **options)

        def gets_rows(self: Any, *arguments: Any, **options: Any) -> Any:
            result = get_rows(self, *arguments, **options)
            if self is connector.admin:
                return result
            connector.rows += len(result[0])
            if 0 < connector.breaks_after < connector.rows:
                connector.breaks_after = 0
                if self.unread_result:  # what the server would not have sent
                    options.pop("count", None)
                    get_rows(self, None, *arguments[1:], **options)
                raise OperationalError(INTERRUPTED, errno=1317, sqlstate="70100")
            return result

        kind.get_rows = gets_rows
        kind.config, kind.cmd_query, kind.cmd_stmt_prepare = reaches_us, asks, prepares
        kind.close = kind.disconnect = closes

    def watch_queries(self, kind: Any) -> None:
        from mysql.connector.errors import ProgrammingError

        connector = self
        execute = kind.execute

        def executes(self: Any, operation: Any, *arguments: Any, **options: Any) -> Any:
            # executemany() of the driver comes here too, with the values in the text.
            if "/exercise/" in sys._getframe(1).f_code.co_filename:
                text = operation.decode("utf-8", "replace") if isinstance(operation, bytes) else operation
                connector.queries.append(" ".join(str(text).split()))
                if connector.refuses:
                    text = "Access denied for user 'root'@'localhost'"
                    raise ProgrammingError(text, errno=1044, sqlstate="42000")
            return execute(self, operation, *arguments, **options)

        kind.execute = executes

    def renamed(self, query: Any) -> Any:
        """Return a statement with the name of our database in it, whichever the code says, for our server."""
        if not isinstance(query, (str, bytes, bytearray)):
            return query
        text = query if isinstance(query, str) else bytes(query).decode("utf-8", "surrogateescape")
        text, rest = text[:NAMES_END], text[NAMES_END:]
        changed = ORDER_OF_MYSQL.sub(ORDER_OF_BOTH, ASKED_NAME.sub(NAME, text))
        name = self.redirection.mysql_name
        if name:
            changed = USE.sub(rf"\1\2{name}", changed)
            changed = QUALIFIED.sub(rf"{name}.\1", changed)
        return query if changed == text else (changed + rest).encode("utf-8", "surrogateescape")


def learners_file() -> str:
    """Return the path of the learner's file that asks for a connection, or ""."""
    frame: Any = sys._getframe(2)
    while frame and "/exercise/" not in frame.f_code.co_filename:
        frame = frame.f_back
    return frame.f_code.co_filename if frame else ""


def number_of(connection: Any) -> int | None:
    """Return the server's number for a connection, or None for one that is not connected."""
    try:
        number: int | None = connection.connection_id
    except (AttributeError, KeyError, TypeError):  # so says the driver
        return None
    return number
