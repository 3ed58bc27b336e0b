import mysql.connector


def paginate_users(page_size, offset):
    connection = mysql.connector.MySQLConnection(host="localhost", port=3307, user="root", password="", database="ALX_prodev")
    cursor = connection.cursor()
    cursor.execute("SELECT * FROM user_data ORDER BY user_id LIMIT %s OFFSET %s", (page_size, offset))
    return cursor.fetchall()


def lazy_paginate(page_size):
    offset = 0
    page = paginate_users(page_size, offset)
    while page:
        yield page
        offset += page_size
        page = paginate_users(page_size, offset)
