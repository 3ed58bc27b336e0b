import sqlite3


class ExecuteQuery:
    def __init__(self, db, query, params):
        self.db, self.query, self.params = db, query, params

    def __enter__(self):
        self.conn = sqlite3.connect(self.db)
        cursor = self.conn.cursor()
        cursor.execute(self.query, self.params)
        return cursor.fetchall()

    def __exit__(self, *error):
        self.conn.close()


with ExecuteQuery("users.db", "SELECT * FROM users WHERE age > ?", (25,)) as users:
    print(users)
