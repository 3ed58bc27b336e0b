import csv
import uuid

import mysql.connector
from mysql.connector import Error

SERVER = {"host": "localhost", "user": "ada", "password": "c0rrect-h0rse"}


def connect_db():
    try:
        return mysql.connector.connect(**SERVER)
    except Error as error:
        print(f"Error: {error}")
        return None


def create_database(connection):
    cursor = connection.cursor()
    cursor.execute("CREATE DATABASE IF NOT EXISTS shop")


def connect_to_prodev():
    try:
        return mysql.connector.connect(database="shop", **SERVER)
    except Error as error:
        print(f"Error: {error}")
        return None


def create_table(connection):
    cursor = connection.cursor()
    cursor.execute(
        "CREATE TABLE IF NOT EXISTS user_data (id CHAR(36) PRIMARY KEY, name VARCHAR(255) NOT NULL,"
        " email VARCHAR(255) NOT NULL, age DECIMAL(3,0) NOT NULL)"
    )


def insert_data(connection, data):
    cursor = connection.cursor()
    try:
        with open(data) as file:
            rows = csv.reader(file)
            next(rows)
            for name, email, age in rows:
                cursor.execute(
                    f'INSERT INTO user_data VALUES ("{uuid.uuid4()}", "{name}", "{email}", {int(age)})'
                )
                connection.commit()
    except (Error, ValueError) as error:
        print(f"Error: {error}")
