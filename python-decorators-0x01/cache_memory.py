"""The memory of 4-cache_query: what it keeps of a call and its result, and how much of that."""

from __future__ import annotations

import functools
import marshal
import threading
from collections import OrderedDict
from typing import Any, Callable, NamedTuple


class Kept(NamedTuple):
    state: Any  # of the database, when it was asked
    copy: Callable[[], Any]  # makes the result for a caller, who may change it
    rows: int  # that it counts as


def describe(args: Any, kwargs: Any, connection: object) -> bytes | None:
    """Return bytes that only the same values give, whatever the connection; None if one of them isn't plain.

    Types count as well: 1, 1.0, True and "1" are four.
    """
    if connection is not None:
        args = [... if value is connection else value for value in args]
        kwargs = kwargs and {name: ... if value is connection else value for name, value in kwargs.items()}
    try:
        return marshal.dumps((args, kwargs), 2)  # version 2: later ones depend on more than the values
    except ValueError:
        return None


def keep(state: Any, result: Any) -> Kept | None:
    """Return a result in a form that no caller can change; None unless all of it is plain values."""
    try:
        data = marshal.dumps(result, 2)
    except ValueError:
        return None
    is_list = type(result) is list
    rows = max(len(result) if is_list else 1, len(data) // 1024)  # a photo counts as many rows
    if is_list and has_hash(tuple(result)):
        # What is plain and has a hash cannot be changed: callers share the rows, but not the list.
        return Kept(state, list(result).copy, rows)
    again = marshal.loads(data)  # a bytearray, for example, comes back as bytes
    return Kept(state, functools.partial(marshal.loads, data), rows) if repr(again) == repr(result) else None


def has_hash(value: object) -> bool:
    """Tell whether hash() accepts a value: not if there is a list or dict in it."""
    try:
        hash(value)
    except TypeError:
        return False
    return True


class BoundedCache:
    """Results, of which the least recently used go when there are too many, or too many rows in them."""

    def __init__(self, max_results: int, max_rows: int) -> None:
        self.max_results, self.max_rows, self.rows = max_results, max_rows, 0
        self.entries: OrderedDict[Any, Kept] = OrderedDict()
        self.lock = threading.Lock()

    def get(self, key: Any, state: Any) -> Kept | None:
        """Return what is kept for this key, unless the database was in another state."""
        with self.lock:
            kept = self.entries.get(key)
            if kept is None or kept.state != state:
                return None
            self.entries.move_to_end(key)
            return kept

    def put(self, key: Any, kept: Kept | None) -> None:
        """Keep a result, if it can be kept, and isn't larger than all of them may be together."""
        with self.lock:
            self.remove(key)
            if kept and kept.rows <= self.max_rows:
                self.entries[key] = kept  # at the end, as the one used last
                self.rows += kept.rows
            while len(self.entries) > self.max_results or self.rows > self.max_rows:
                self.remove(next(iter(self.entries)))

    def remove(self, key: Any) -> None:
        """Forget a result, if it is there; who calls this holds the lock."""
        if key in self.entries:
            self.rows -= self.entries.pop(key).rows

    def __len__(self) -> int:
        return len(self.entries)
