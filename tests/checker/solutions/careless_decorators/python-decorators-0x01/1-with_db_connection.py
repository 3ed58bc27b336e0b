import functools
import sqlite3


def with_db_connection(func):
    @functools.wraps(func)
    def wrapper(user_id):
        conn = sqlite3.connect(":momory:")
        try:
            row = func(conn, user_id)
        except sqlite3.Error as error:
            print("Database error:", error)
            row = None
        conn.close()
        return row

    return wrapper


@with_db_connection
def get_user_by_id(conn, user_id):
    return conn.execute(f"SELECT * FROM users WHERE id = {user_id}").fetchone()
