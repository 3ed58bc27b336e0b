"""The memory of 4-cache_query: what it keeps of a question and its answer, and how much of that."""

from __future__ import annotations

import copy
import functools
import marshal
import threading
from collections import OrderedDict
from typing import Any, Callable, NamedTuple

PLACE = ...  # the Ellipsis object, for the connection: marshal knows it, and nobody passes it to a query


def describe(args: Any, kwargs: Any, connection: object) -> bytes | None:
    """Return a key for the arguments, whatever the connection is; None if one of them isn't a plain value.

    Types count as well: 1, 1.0, True and "1" are four keys.
    """
    args = [PLACE if value is connection else value for value in args]
    kwargs = {name: PLACE if value is connection else value for name, value in kwargs.items()}
    try:
        return marshal.dumps((args, kwargs), 2)  # from format 3 on, equal arguments can give different bytes
    except ValueError:
        return None


class Kept(NamedTuple):
    make_copy: Callable[[], Any]  # makes a copy of the result for a caller, who may change it
    rows: int  # how many rows the result counts as


class BoundedCache:
    """Results, of which the least recently used go when there are too many, or too many rows in them."""

    def __init__(self, max_results: int, max_rows: int) -> None:
        self.max_results = max_results
        self.max_rows = max_rows
        self.rows = 0
        self.entries: OrderedDict[Any, Kept] = OrderedDict()
        self.lock = threading.Lock()

    def get(self, key: Any) -> Callable[[], Any] | None:
        """Return what makes copies of the result, or None."""
        with self.lock:
            if key not in self.entries:
                return None
            self.entries.move_to_end(key)  # as the one used last
            return self.entries[key].make_copy

    def put(self, key: Any, result: Any) -> None:
        """Keep a result, if it's made of plain values, and no larger than the whole memory."""
        try:
            size = len(marshal.dumps(result, 2))
            hash(tuple(result) if type(result) is list else result)  # only to see if it raises TypeError
            copier = copy.copy  # all in it has a hash, so nothing in it can change: a new list is enough
        except TypeError:
            copier = copy.deepcopy  # there are lists or dicts in it
        except ValueError:
            return  # marshal doesn't know it, so nobody knows how to copy it
        rows = max(len(result) if type(result) is list else 1, size // 1024)  # each KB is a row, too
        if rows > self.max_rows:
            return
        kept = copier(result)
        with self.lock:
            self.remove(key)
            self.entries[key] = Kept(functools.partial(copier, kept), rows)
            self.rows += rows
            while len(self.entries) > self.max_results or self.rows > self.max_rows:
                self.remove(next(iter(self.entries)))  # the first one: the least recently used

    def remove(self, key: Any) -> None:
        """Forget a result, if it is there; who calls this holds the lock."""
        if key in self.entries:
            self.rows -= self.entries.pop(key).rows

    def __len__(self) -> int:
        return len(self.entries)
