"""Show pages one after the other, as scripts 2 and 3 do: on a terminal, each waits for you to ask for it."""

from __future__ import annotations

import sys
from typing import Iterable

from common import User


def show_pages(pages: Iterable[list[User]], page_size: int) -> bool:
    """Print page after page, and tell whether there was one.

    On a terminal Enter fetches the next one and q leaves.
    """
    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    page: list[User] = []
    for page in pages:
        for user in page:
            print(user)
        if on_terminal and len(page) == page_size and wants_to_leave():
            break
    return bool(page)


def wants_to_leave() -> bool:
    """Ask whoever sits at the terminal; Ctrl-D leaves as well."""
    try:
        return input("Enter: next page, q: leave ").strip().lower() == "q"
    except EOFError:
        print()  # what the terminal shows next begins on a new line
        return True
    except KeyboardInterrupt:
        print()
        raise
