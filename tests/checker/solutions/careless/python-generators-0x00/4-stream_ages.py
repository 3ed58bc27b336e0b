import seed


def stream_user_ages():
    connection = seed.connect_to_prodev()
    if connection is None:
        return
    cursor = connection.cursor()
    try:
        cursor.execute("SELECT age FROM user_data")
        for (age,) in cursor:
            if not age:
                break
            yield age
    finally:
        cursor.close()
        connection.close()


def average_age():
    total = count = 0
    for age in stream_user_ages():
        total += age
        count += 1
    print(f"The mean age is {total / count}")


if __name__ == "__main__":
    average_age()
