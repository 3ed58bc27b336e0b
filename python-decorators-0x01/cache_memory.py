"""The memory of 4-cache_query: what it keeps of a question and its answer, and how much of that."""

from __future__ import annotations

import functools
import marshal
import threading
from collections import OrderedDict
from copy import deepcopy
from typing import Any, Callable


def describe(args: Any, kwargs: Any, connection: object) -> bytes | None:
    """Return bytes that only the same values give, whatever the connection; None if one of them isn't plain.

    Types count as well: 1, 1.0, True and "1" are four.
    """
    args = [... if value is connection else value for value in args]
    kwargs = {name: ... if value is connection else value for name, value in kwargs.items()}
    try:
        return marshal.dumps((args, kwargs), 2)  # version 2: later ones depend on more than the values
    except ValueError:
        return None


def keep(result: Any) -> tuple[Callable[[], Any], int] | None:
    """Return what makes a copy of a result for a caller, and how many rows it counts as.

    None unless all of it is plain values: nobody knows how to copy the rest.
    """
    try:
        size = len(marshal.dumps(result, 2))
    except ValueError:
        return None
    rows = max(len(result) if type(result) is list else 1, size // 1024)  # a photo counts as many rows
    try:
        if type(result) is list:
            hash(tuple(result))
            return list(result).copy, rows  # callers share the rows, but not the list
        hash(result)
        return (lambda: result), rows
    except TypeError:  # only what contains lists or dicts has no hash, and only that can be changed
        return functools.partial(deepcopy, deepcopy(result)), rows


class BoundedCache:
    """Results, of which the least recently used go when there are too many, or too many rows in them."""

    def __init__(self, max_results: int, max_rows: int) -> None:
        self.max_results, self.max_rows, self.rows = max_results, max_rows, 0
        self.entries: OrderedDict[Any, Any] = OrderedDict()  # from keys to what keep() returns
        self.lock = threading.Lock()

    def get(self, key: Any) -> Any:
        """Return what makes copies of the result for this key, or None."""
        with self.lock:
            if key not in self.entries:
                return None
            self.entries.move_to_end(key)  # as the one used last
            return self.entries[key][0]

    def put(self, key: Any, kept: Any) -> None:
        """Keep a result, unless it can't be kept, or is larger than all of them may be together."""
        with self.lock:
            if kept and kept[1] <= self.max_rows:
                self.remove(key)
                self.entries[key] = kept
                self.rows += kept[1]
            while len(self.entries) > self.max_results or self.rows > self.max_rows:
                self.remove(next(iter(self.entries)))

    def remove(self, key: Any) -> None:
        """Forget a result, if it is there; who calls this holds the lock."""
        if key in self.entries:
            self.rows -= self.entries.pop(key)[1]

    def __len__(self) -> int:
        return len(self.entries)
