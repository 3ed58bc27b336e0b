import mysql.connector


def connect_to_prodev():
    return mysql.connector.connect(host="db.example.com", user="ada", password="tr0ub4dor&3", database="ALX_prodev")


def paginate_users(page_size, offset):
    connection = connect_to_prodev()
    cursor = connection.cursor(dictionary=True)
    cursor.execute("SELECT * FROM user_data ORDER BY user_id LIMIT %s OFFSET %s", (page_size, offset))
    rows = cursor.fetchall()
    connection.close()
    return rows


def lazy_paginate(page_size):
    while True:
        yield paginate_users(page_size, 0)
