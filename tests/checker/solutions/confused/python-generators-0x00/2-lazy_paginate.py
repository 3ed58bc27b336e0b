import seed


def paginate_users(page_size, offset):
    connection = seed.connect_to_prodev()
    cursor = connection.cursor()
    cursor.execute("SELECT * FROM user_data")
    rows = cursor.fetchall()
    connection.close()
    return rows[offset : offset + page_size]


def lazy_paginate(page_size):
    offset = 0
    while page := paginate_users(page_size, offset):
        yield page
        offset += page_size
