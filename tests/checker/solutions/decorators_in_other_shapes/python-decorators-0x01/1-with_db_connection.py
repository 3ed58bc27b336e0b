import functools
import os
import sqlite3

DATABASE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "users.db")
setup = sqlite3.connect(DATABASE)
setup.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, email TEXT)")
setup.execute("INSERT INTO users (name, email) VALUES ('Ann', 'ann@mail.test')")
setup.commit()
setup.close()


def with_db_connection(database=DATABASE):
    def decorator(func):
        @functools.wraps(func)
        def wrapper(*args, **kwargs):
            conn = sqlite3.connect(database)
            conn.row_factory = sqlite3.Row
            try:
                return func(conn, *args, **kwargs)
            finally:
                conn.close()

        return wrapper

    return decorator


@with_db_connection()
def get_user_by_id(conn, user_id):
    return conn.execute("SELECT * FROM users WHERE id = ?", (user_id,)).fetchall()


print(dict(get_user_by_id(user_id=1)[0]))
