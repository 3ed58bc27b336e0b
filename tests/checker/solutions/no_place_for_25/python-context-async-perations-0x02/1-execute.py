import sqlite3


class ExecuteQuery:
    def __init__(self, db_name, query):
        self.db_name, self.query = db_name, query

    def __enter__(self):
        self.connection = sqlite3.connect(self.db_name)
        return self.connection.execute(self.query).fetchall()

    def __exit__(self, exc_type, exc_value, traceback):
        self.connection.close()


if __name__ == "__main__":
    with ExecuteQuery("people.db", "SELECT * FROM users WHERE age > 25") as rows:
        print(rows)
