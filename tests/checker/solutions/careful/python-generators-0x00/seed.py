"""Names of the database in any case are one on Windows."""

import csv
import os
import uuid

import mysql.connector


def connect_db():
    return mysql.connector.connect(user=os.environ["DB_USER"], password=os.environ["DB_PASSWORD"])


def create_database(connection):
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE IF NOT EXISTS ALX_prodev")


def connect_to_prodev():
    connection = connect_db()
    try:
        with connection.cursor() as cursor:
            cursor.execute("USE alx_prodev")
    except mysql.connector.Error:
        connection.close()
        raise
    return connection


def create_table(connection):
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS alx_prodev.user_data (user_id CHAR(36) PRIMARY KEY, name VARCHAR(99) NOT NULL,"
            " email VARCHAR(99) NOT NULL UNIQUE, age DECIMAL(5,2) NOT NULL)"
        )
    print("Table user_data created successfully")


def insert_data(connection, data):
    with open(data, encoding="utf-8", newline="") as file:
        rows = [
            (row.get("user_id") or str(uuid.uuid4()), row["name"], row["email"], int(row["age"]))
            for row in csv.DictReader(file)
        ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO user_data VALUES (%s, %s, %s, %s) ON DUPLICATE KEY UPDATE name = name", rows
        )
    connection.commit()
