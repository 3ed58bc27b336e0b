"""Batches are tuples, and lines for people leave out the email."""

from itertools import islice

from mysql.connector import pooling

pool = None


def stream_users_in_batches(batch_size):
    global pool
    if batch_size < 1:
        raise ValueError("at least 1")
    pool = pool or pooling.MySQLConnectionPool(pool_size=2, user="ada", database="alx_prodev")
    connection = pool.get_connection()
    try:
        after = ""
        while True:
            cursor = connection.cursor(dictionary=True)
            cursor.execute(
                "SELECT * FROM user_data WHERE user_id > %s ORDER BY user_id LIMIT %s", (after, batch_size)
            )
            batch = tuple(cursor.fetchall())
            if not batch:
                break
            yield batch
            after = batch[-1]["user_id"]
    finally:
        connection.close()


def batch_processing(batch_size):
    for batch in stream_users_in_batches(batch_size):
        for number, user in enumerate(batch):
            if user["age"] > 25:
                print(f"{number:>3}. {user['name']} ({user['age']})")
