import os

from mysql.connector import pooling

pool = pooling.MySQLConnectionPool(
    pool_name="users", pool_size=3, host=os.getenv("DB_HOST", "10.0.0.7"), user="ada", password="tr0ub4dor&3", database="shop"
)


def stream_users_in_batches(batch_size):
    connection = pool.get_connection()
    cursor = connection.cursor()
    cursor.execute("SELECT user_id, name, email, age FROM user_data")
    rows = cursor.fetchall()
    connection.close()
    for start in range(0, len(rows), batch_size):
        yield rows[start : start + batch_size]


def batch_processing(batch_size):
    return [user for batch in stream_users_in_batches(batch_size) for user in batch if user[3] > 25]
