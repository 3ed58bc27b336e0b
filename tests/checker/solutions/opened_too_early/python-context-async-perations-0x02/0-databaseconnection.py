import sqlite3


class DatabaseConnection:
    def __init__(self, db_name="users.db"):
        self.connection = sqlite3.connect(db_name)

    def __enter__(self):
        return self.connection

    def __exit__(self, exc_type, exc_value, traceback):
        try:
            if exc_type is None:
                self.connection.commit()
        finally:
            self.connection.close()


if __name__ == "__main__":
    with DatabaseConnection() as connection:
        print(connection.execute("SELECT * FROM users").fetchall())
