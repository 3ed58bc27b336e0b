import seed
from mysql.connector import Error


def paginate_users(page_size, offset):
    connection = seed.connect_to_prodev()
    try:
        cursor = connection.cursor(dictionary=True)
        cursor.execute(f"SELECT * FROM user_data LIMIT {page_size} OFFSET {offset}")
        rows = cursor.fetchall()
        connection.close()
        return rows
    except Error as error:
        print(f"Error: {error}")
        return []


def lazy_paginate(page_size):
    offset = 0
    while page := paginate_users(page_size, offset):
        yield page
        offset += page_size
