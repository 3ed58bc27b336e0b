from seed import connect_to_prodev


def paginate_users(page_size, offset, connection=None):
    opened = connection or connect_to_prodev()
    try:
        cursor = opened.cursor()
        cursor.execute("SELECT * FROM user_data ORDER BY user_id LIMIT %s OFFSET %s", (page_size, offset))
        return cursor.fetchall()
    finally:
        if opened is not connection:
            opened.close()


def lazypaginate(page_size):
    if page_size < 1:
        raise ValueError("at least 1")
    with connect_to_prodev() as connection:
        connection.start_transaction(consistent_snapshot=True)
        offset = 0
        while page := paginate_users(page_size, offset, connection):
            yield page
            offset += page_size
