import functools
import logging
import os
import sqlite3
from datetime import datetime

os.makedirs("logs", exist_ok=True)
logger = logging.getLogger("sql")
logger.setLevel(logging.INFO)
logger.propagate = False
logger.addHandler(logging.FileHandler("logs/queries.log"))


def log_queries(logger):
    def decorator(func):
        @functools.wraps(func)
        def wrapper(query):
            started = datetime.now()
            try:
                return func(query)
            except sqlite3.Error as error:
                logger.error("unable to run it: %s", error)
                raise
            finally:
                logger.info("%s %s", datetime.now() - started, " ".join(query.split()))

        return wrapper

    return decorator


if __name__ == "__main__":

    @log_queries(logger)
    def fetch_all_users(query):
        conn = sqlite3.connect("users.db")
        conn.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in conn.execute(query)]
        finally:
            conn.close()

    fetch_all_users(query="SELECT * FROM users")
