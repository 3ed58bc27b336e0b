import os

from mysql.connector import pooling

pool = pooling.MySQLConnectionPool(
    pool_name="users", pool_size=3, host=os.getenv("DB_HOST", "10.0.0.7"), user="ada", password="tr0ub4dor&3", database="shop"
)


def stream_users():
    connection = pool.get_connection()
    try:
        cursor = connection.cursor(dictionary=True, buffered=True)
        cursor.execute("SELECT user_id, name, email, CAST(age AS SIGNED) AS age FROM user_data")
        for user in cursor:
            yield user
    finally:
        connection.close()


if __name__ == "__main__":
    for user in stream_users():
        print(user)
