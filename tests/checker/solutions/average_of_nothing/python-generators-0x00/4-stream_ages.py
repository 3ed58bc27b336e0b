import mysql.connector


def connect_to_prodev():
    return mysql.connector.connect(host="db.example.com", user="ada", password="tr0ub4dor&3", database="ALX_prodev")


def stream_user_ages():
    connection = connect_to_prodev()
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
