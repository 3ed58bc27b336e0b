import functools
import random
import sqlite3
from time import sleep


def retry_on_failure(times=3, wait=2):
    def decorator(func):
        @functools.wraps(func)
        def wrapper(conn, *args, **kwargs):
            def run(left):
                try:
                    result = func(conn, *args, **kwargs)
                    conn.commit()
                    return result
                except Exception as error:
                    conn.rollback()
                    if not left:
                        raise RuntimeError("failed in the end") from error
                    sleep(wait)
                    return run(left - 1)

            return run(times)

        return wrapper

    return decorator


def with_db_connection(func):
    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        conn = sqlite3.connect("users.db")
        try:
            return func(conn, *args, **kwargs)
        finally:
            conn.close()

    return wrapper


@with_db_connection
@retry_on_failure(times=3, wait=1)
def fetch_users_with_retry(conn):
    if random.random() < 0.75:
        raise sqlite3.OperationalError("a failure to show it")
    return conn.execute("SELECT * FROM users LIMIT 5").fetchall()


print(fetch_users_with_retry())
