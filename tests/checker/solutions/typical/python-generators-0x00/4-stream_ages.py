import seed


def stream_user_ages():
    connection = seed.connect_to_prodev()
    cursor = connection.cursor()
    cursor.execute("SELECT age FROM user_data")
    for (age,) in cursor:
        yield age
    connection.close()


def average():
    total = count = 0
    for age in stream_user_ages():
        total += age
        count += 1
    print(f"Average age of users: {total / count}")


average()
