from contextlib import closing

from seed import connect_to_prodev


def stream_users():
    with closing(connect_to_prodev()) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT user_id, name, email, age FROM alx_prodev.user_data")
        yield from cursor
