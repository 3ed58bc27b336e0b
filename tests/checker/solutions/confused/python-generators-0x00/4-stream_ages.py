import seed


def stream_user_ages():
    connection = seed.connect_to_prodev()
    cursor = connection.cursor(dictionary=True)
    cursor.execute("SELECT age FROM user_data")
    yield from cursor.fetchall()
    connection.close()


def average():
    total = count = 0
    for row in stream_user_ages():
        total += row["age"]
        count += 1
    return total / count if count else 0
