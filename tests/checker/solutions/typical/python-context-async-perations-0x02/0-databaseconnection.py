import sqlite3


class DatabaseConnection:
    def __init__(self, name):
        self.name = name

    def __enter__(self):
        self.conn = sqlite3.connect(self.name)
        return self.conn.cursor()

    def __exit__(self, *error):
        self.conn.close()


with DatabaseConnection("my.db") as cursor:
    cursor.execute("SELECT * FROM users")
    print(cursor.fetchall())
