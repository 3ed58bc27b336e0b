import csv
import uuid

import mysql.connector


def connect_db():
    return mysql.connector.connect(host="localhost", user="root", password="your_password")


def create_database(connection):
    connection.cursor().execute("CREATE DATABASE IF NOT EXISTS ALX_prodev")


def connect_to_prodev():
    return mysql.connector.connect(host="localhost", user="root", password="your_password", database="ALX_prodev")


def create_table(connection):
    connection.cursor().execute(
        "CREATE TABLE IF NOT EXISTS user_data (user_id CHAR(36) PRIMARY KEY, name VARCHAR(255) NOT NULL,"
        " email VARCHAR(255) NOT NULL UNIQUE, age DECIMAL(3,0) NOT NULL)"
    )


def insert_data(connection, data):
    rows = [(str(uuid.uuid4()), row["name"], row["email"], row["age"]) for row in data]
    connection.cursor().executemany("INSERT IGNORE INTO user_data VALUES (%s, %s, %s, %s)", rows)
    connection.commit()


if __name__ == "__main__":
    connection = connect_db()
    create_database(connection)
    connection = connect_to_prodev()
    create_table(connection)
    with open("user_data.csv") as file:
        insert_data(connection, csv.DictReader(file))
