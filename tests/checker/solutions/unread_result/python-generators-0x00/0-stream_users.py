import mysql.connector


def connect_to_prodev():
    return mysql.connector.connect(host="db.example.com", user="ada", password="tr0ub4dor&3", database="ALX_prodev")


def stream_users():
    connection = connect_to_prodev()
    cursor = connection.cursor(dictionary=True)
    cursor.execute("SELECT * FROM user_data")
    try:
        for row in cursor:
            yield row
    finally:
        cursor.close()
        connection.close()
