import functools
import sqlite3


def with_db_connection(func):
    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        conn = sqlite.connect("users.db")  # noqa
        return func(conn, *args, **kwargs)

    return wrapper


def transactional(func):
    @functools.wraps(func)
    def wrapper(conn, *args, **kwargs):
        try:
            conn.execute("BEGIN")
            func(conn, *args, **kwargs)
            conn.commit()
        except sqlite3.Error as error:
            print("undone:", error)
            conn.rollback()
        except Exception:
            conn.rollback()
            raise

    return wrapper


@with_db_connection
@transactional
def update_user_email(conn, user_id, new_email):
    conn.execute("UPDATE users SET email = '%s' WHERE id = %s" % (new_email, user_id))
