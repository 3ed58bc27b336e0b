"""A dictionary with a limit, the memory of 4-cache_query: when it is full, the least recently used goes."""

from __future__ import annotations

import pickle
import threading
from collections import OrderedDict
from typing import Hashable, Tuple

Key = Tuple[object, Hashable]  # whose result it is, and of which call


class BoundedCache:
    """Results as bytes, each with the version that it belongs to; safe to use from any thread."""

    def __init__(self, max_results: int = 128, max_rows: int = 100_000) -> None:
        self._lock = threading.Lock()
        self._entries: OrderedDict[Key, tuple[Hashable, bytes, int]] = OrderedDict()
        self._rows = 0
        self.resize(max_results, max_rows)

    def resize(self, max_results: int, max_rows: int) -> None:
        """Set the largest number of results, and of rows in all of them together."""
        for name, size in (("max_results", max_results), ("max_rows", max_rows)):
            if type(size) is not int or size < 1:
                raise ValueError(f"{name} must be a whole number of at least 1, not {size!r}")
        with self._lock:
            self.max_results, self.max_rows = max_results, max_rows
            self._shrink()

    def get(self, key: Key, version: Hashable) -> bytes | None:
        """Return the result, if there is one of this very version."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None or entry[0] != version:
                return None
            self._entries.move_to_end(key)
            return entry[1]

    def put(self, key: Key, version: Hashable, result: bytes, rows: int) -> None:
        """Keep a result, unless it alone is larger than all results may be together."""
        with self._lock:
            self._remove(key)
            if rows <= self.max_rows:
                self._entries[key] = (version, result, rows)
                self._rows += rows
                self._shrink()

    def count(self, owner: object) -> int:
        """Return how many results of this owner are kept."""
        with self._lock:
            return sum(key[0] is owner for key in self._entries)

    def discard(self, owner: object) -> None:
        """Forget the results of this owner."""
        with self._lock:
            for key in [key for key in self._entries if key[0] is owner]:
                self._remove(key)

    def clear(self) -> None:
        """Forget all results."""
        with self._lock:
            self._entries.clear()
            self._rows = 0

    def __len__(self) -> int:
        return len(self._entries)

    def _shrink(self) -> None:
        while len(self._entries) > self.max_results or self._rows > self.max_rows:
            self._remove(next(iter(self._entries)))

    def _remove(self, key: Key) -> None:
        _, _, rows = self._entries.pop(key, (None, b"", 0))
        self._rows -= rows


def pickled(result: object) -> bytes | None:
    """Return a copy that nobody can change, or None if there cannot be one: of a cursor, for example."""
    try:
        copy = pickle.dumps(result, protocol=pickle.HIGHEST_PROTOCOL)
        pickle.loads(copy)
    except Exception:  # a class of the caller's can raise anything here, and the call itself was a success
        return None
    return copy
