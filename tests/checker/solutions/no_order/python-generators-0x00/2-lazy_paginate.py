import mysql.connector


def connect_to_prodev():
    return mysql.connector.connect(host="db.example.com", user="ada", password="tr0ub4dor&3", database="ALX_prodev")


def paginate_users(page_size, offset):
    connection = connect_to_prodev()
    cursor = connection.cursor(dictionary=True)
    cursor.execute(f"SELECT * FROM user_data LIMIT {page_size} OFFSET {offset}")
    rows = cursor.fetchall()
    connection.close()
    return rows


def lazy_pagination(page_size):
    offset = 0
    while True:
        page = paginate_users(page_size, offset)
        if not page:
            return
        yield page
        offset += page_size
