import sqlite3


class DatabaseConnection:
    def __enter__(self):
        self.connection = sqlite3.connect("users.db")
        return self.connection

    def __exit__(self, exc_type, exc_value, traceback):
        self.connection.close()


with DatabaseConnection as connection:
    print(connection.execute("SELECT * FROM users").fetchall())
