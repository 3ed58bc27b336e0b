import mysql.connector


def connect_to_prodev():
    return mysql.connector.connect(host="db.example.com", user="ada", password="tr0ub4dor&3", database="ALX_prodev")


def stream_users():
    try:
        connection = connect_to_prodev()
        cursor = connection.cursor(dictionary=True)
        cursor.execute("SELECT * FROM user_data")
        yield from cursor
    except mysql.connector.Error as error:
        print(error)
