import functools
import sqlite3
from collections import OrderedDict

query_cache = OrderedDict()


def with_db_connection(func):
    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        conn = sqlite3.connect("users.db")
        try:
            return func(conn, *args, **kwargs)
        finally:
            conn.close()

    return wrapper


def cache_query(func):
    @functools.wraps(func)
    def wrapper(conn, query, *args, **kwargs):
        key = (query, args, tuple(sorted(kwargs.items())))
        if key not in query_cache:
            query_cache[key] = tuple(func(conn, query, *args, **kwargs))
            if len(query_cache) > 1000:
                query_cache.popitem(last=False)
        return query_cache[key]

    return wrapper


@with_db_connection
@cache_query
def fetch_users_with_cache(conn, query):
    return conn.execute(query).fetchall()


fetch_users_with_cache(query="SELECT * FROM users")
