import seed


def stream_users_in_batches(batch_size):
    connection = seed.connect_to_prodev()
    cursor = connection.cursor(dictionary=True)
    cursor.execute("SELECT * FROM user_data")
    for row in cursor.fetchmany(batch_size):
        yield row
    connection.close()


def batch_processing(batch_size):
    for user in stream_users_in_batches(batch_size):
        if user["age"] >= 25:
            return user
