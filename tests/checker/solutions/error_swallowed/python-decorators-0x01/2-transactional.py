import functools


def transactional(func):
    @functools.wraps(func)
    def wrapper(conn, *args, **kwargs):
        try:
            result = func(conn, *args, **kwargs)
            conn.commit()
            return result
        except Exception as error:
            conn.rollback()
            print("rolled back:", error)

    return wrapper
