import functools
import time


def retry_on_failure(retries=3, delay=2):
    def decorator(func):
        @functools.wraps(func)
        def wrapper(*args, **kwargs):
            for attempt in range(retries - 1):
                try:
                    return func(*args, **kwargs)
                except Exception:
                    time.sleep(delay)
            try:
                return func(*args, **kwargs)
            except Exception:
                time.sleep(delay)
                raise

        return wrapper

    return decorator
