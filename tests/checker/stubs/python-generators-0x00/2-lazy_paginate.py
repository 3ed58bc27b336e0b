#!/usr/bin/env python3
"""Show a table page by page, and fetch each page only when somebody turns to it.

Write a function that fetches one page, and a generator of pages that uses it. Use only one loop.

Example, with the thousand users of user_data.csv, a hundred to a page:

    $ python3 2-lazy_paginate.py | wc -l
    1000

Check:  make check REPO=... ONLY=generators/2  (in the clone)
Lesson: python-generators-0x00/README.md, section 2
"""

import sys

import seed  # your first exercise: seed.connect_to_prodev() gives you a connection


def paginate_users(page_size, offset):
    """Fetch one page.

    In:  the number of users on a page, and how many users come before it: paginate_users(100, 0) is the
         first page, paginate_users(100, 100) the second.
    Out: a list of at most page_size users, each a dict as in exercise 0. It is empty after the last user.
    """
    raise NotImplementedError("Your turn: write paginate_users in 2-lazy_paginate.py")


def lazy_paginate(page_size):
    """Yield the pages of user_data, one after the other.

    In:  the number of users on a page.
    Out: a generator of pages, as paginate_users returns them. It ends after the last user, and the second
         page is not fetched before somebody asks for it.
    """
    raise NotImplementedError("Your turn: write lazy_paginate in 2-lazy_paginate.py")


if __name__ == "__main__":
    try:
        for page in lazy_paginate(100):
            for user in page:
                print(user)
    except BrokenPipeError:  # head has seen enough
        sys.stderr.close()
