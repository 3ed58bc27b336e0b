import sqlite3


class ExecuteQuery:
    def __init__(self, query, params=None):
        self.query, self.params = query, params or ()

    def __enter__(self):
        self.connection = sqlite3.connect("users.db")
        self.cursor = self.connection.cursor()
        self.cursor.execute(self.query, self.params)
        return self.cursor

    def __exit__(self, exc_type, exc_value, traceback):
        self.connection.close()
