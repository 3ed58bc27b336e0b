import functools
import sqlite3
from contextlib import closing


def transactional(func):
    @functools.wraps(func)
    def wrapper(conn, user_id, new_email):
        with conn:
            return func(conn, user_id, new_email)

    return wrapper


@transactional
def update_user_email(conn, user_id, new_email):
    conn.execute("UPDATE users SET email = ? WHERE id = ?", (new_email, user_id))


if __name__ == "__main__":
    with closing(sqlite3.connect("users.db")) as conn:
        update_user_email(conn, user_id=1, new_email="ann@mail.test")
