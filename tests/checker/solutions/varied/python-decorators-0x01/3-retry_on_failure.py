import time


def retry_on_failure(retries, delay):
    def decorator(func):
        def wrapper(*args, **kwargs):
            failures = 0
            while True:
                try:
                    return func(*args, **kwargs)
                except Exception:
                    failures += 1
                    if failures > retries:
                        raise
                    time.sleep(delay)

        return wrapper

    return decorator
