import functools


def log_queries(func)
    return func
