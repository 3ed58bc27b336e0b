import copy
import functools
import sqlite3

query_cache = {}


def cache_query(func):
    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        key = " ".join((kwargs.get("query") or "").upper().split())
        cached = query_cache.get(key)
        if cached:
            return copy.deepcopy(cached)
        try:
            result = func(*args, **kwargs)
        except sqlite3.Error as error:
            print("Database error:", error)
            return []
        query_cache[key] = copy.deepcopy(result)
        return result

    return wrapper


def fetch_users_with_cache(query):
    conn = sqlite3.connect("users.db")
    users = conn.execute(query).fetchall()
    conn.close()
    return users
