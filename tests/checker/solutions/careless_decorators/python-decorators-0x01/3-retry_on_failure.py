import functools
import sqlite3
import time


def retry_on_failure(retries=0, delay=1):
    def decorator(func):
        failures = 0

        @functools.wraps(func)
        def wrapper(*args, **kwargs):
            nonlocal failures
            while failures < 3:
                try:
                    return func(*args, **kwargs)
                except Exception as error:
                    print("failed:", error)
                    failures += 1
                    time.sleep(2)

        return wrapper

    return decorator


def fetch_users_with_retry():
    conn = sqlite3.connect("users.db")
    users = conn.execute("SELECT * FROM users").fetchall()
    conn.close()
    return users
