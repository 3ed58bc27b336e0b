import seed

connection = seed.connect_to_prodev()


def stream_users():
    cursor = connection.cursor(dictionary=True)
    cursor.execute("SELECT * FROM user_data")
    row = cursor.fetchone()
    while row:
        yield row
        row = cursor.fetchone()
