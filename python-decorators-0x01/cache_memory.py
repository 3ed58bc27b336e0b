"""The memory of 4-cache_query: what it keeps of a call and its result, and how much of that."""

from __future__ import annotations

import copy
import marshal
import threading
from collections import OrderedDict
from typing import Any, Callable, NamedTuple


class Kept(NamedTuple):
    copy: Callable[[Any], Any]
    data: Any
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


def keep(result: Any) -> Kept | None:
    """Return a result in a form that no caller can change; None unless all of it is plain values."""
    is_list = isinstance(result, list)
    try:
        data = marshal.dumps(list(result) if is_list else result, 2)
    except ValueError:
        return None
    size = max(len(result) if is_list else 1, len(data) // 1024)  # a photo counts as many rows
    if is_list and has_hash(tuple(result)):
        # What is plain and has a hash cannot be changed: callers share the rows, but not the list.
        return Kept(copy.copy, copy.copy(result), size)
    again = marshal.loads(data)  # a bytearray, for example, comes back as bytes
    same = type(again) is type(result) and repr(again) == repr(result)
    return Kept(marshal.loads, data, size) if same else None


def has_hash(value: object) -> bool:
    """Tell whether hash() accepts a value: not if there is a list or dict in it."""
    try:
        hash(value)
    except TypeError:
        return False
    return True


class BoundedCache:
    """Results, each with the state of its database; the least recently used goes when there are too many."""

    def __init__(self, max_results: int = 128, max_rows: int = 100_000) -> None:
        self.max_results, self.max_rows, self.rows = max_results, max_rows, 0
        self.entries: OrderedDict[Any, tuple[Any, Kept]] = OrderedDict()
        self.lock = threading.RLock()

    def __len__(self) -> int:
        return len(self.entries)

    def get(self, key: Any, state: Any) -> Kept | None:
        """Return what is kept for this key, unless the state was another one."""
        with self.lock:
            known, kept = self.entries.get(key, (None, None))
            if known != state:
                return None
            self.entries.move_to_end(key)
            return kept

    def put(self, key: Any, state: Any, result: Any) -> None:
        """Keep a result, if it can be kept and isn't larger than all of them may be together."""
        kept = keep(result)
        with self.lock:
            self.remove(key)
            if kept and kept.rows <= self.max_rows:
                self.entries[key] = state, kept
                self.rows += kept.rows
            while len(self.entries) > self.max_results or self.rows > self.max_rows:
                self.remove(next(iter(self.entries)))

    def remove(self, *keys: Any) -> None:
        """Forget these results."""
        with self.lock:
            for key in keys:
                if key in self.entries:
                    _, kept = self.entries.pop(key)
                    self.rows -= kept.rows
