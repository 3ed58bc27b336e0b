import logging
import sqlite3


def log_queries(func):
    def wrapper(*args, **kwargs):
        logging.info("query: %s", kwargs["query"])
        try:
            return func(*args, **kwargs)
        except sqlite3.Error:
            logging.info("that was wrong")

    return wrapper


@log_queries
def fetch_all_users(query):
    conn = sqlite3.connect("shop.db")
    conn.execute(query).fetchall()
    conn.close()
