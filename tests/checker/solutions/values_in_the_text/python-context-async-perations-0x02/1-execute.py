import sqlite3


class ExecuteQuery:
    def __init__(self, query, params):
        value = params[0]
        self.query = query.replace("?", f"'{value}'" if isinstance(value, str) else str(value))

    def __enter__(self):
        self.connection = sqlite3.connect("users.db")
        return self.connection.execute(self.query).fetchall()

    def __exit__(self, exc_type, exc_value, traceback):
        self.connection.commit()
        self.connection.close()
