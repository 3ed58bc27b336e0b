import sys

import seed


def stream_users():
    """Yield the users as tuples."""
    connection = seed.connect_to_prodev()
    cursor = connection.cursor()
    cursor.execute("SELECT user_id, name, email, age FROM user_data")
    yield from cursor
    cursor.close()
    connection.close()


class Callable(sys.__class__):
    def __call__(self):
        return stream_users()


sys.modules[__name__].__class__ = Callable
for user in stream_users():
    print(user)
