import functools

query_cache = {}


def cache_query(func):
    @functools.wraps(func)
    def wrapper(conn, query):
        if query not in query_cache:
            query_cache[query] = func(conn, query)
        return query_cache[query]

    return wrapper
