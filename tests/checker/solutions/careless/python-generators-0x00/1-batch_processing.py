import seed
from mysql.connector import Error


def stream_users_in_batches(batch_size):
    offset = 0
    try:
        connection = seed.connect_to_prodev()
        cursor = connection.cursor(dictionary=True)
        while True:
            cursor.execute(f"SELECT * FROM user_data LIMIT {batch_size} OFFSET {offset}")
            batch = cursor.fetchall()
            if not batch:
                break
            yield batch
            offset += batch_size
        connection.close()
    except Error as error:
        print(f"Error: {error}")


def batch_processing(batch_size):
    for batch in stream_users_in_batches(batch_size):
        over_25 = [user for user in batch if user["age"] > 25]
    return over_25
