import mysql.connector
import csv
import uuid


def connect_db():
    return mysql.connector.connect(host="db.example.com", user="ada", password="tr0ub4dor&3")


def create_database(connection):
    cursor = connection.cursor()
    cursor.execute("CREATE DATABASE IF NOT EXISTS ALX_prodev")


def connect_to_prodev():
    return mysql.connector.connect(host="db.example.com", user="ada", password="tr0ub4dor&3", database="ALX_prodev")


def create_table(connection):
    cursor = connection.cursor()
    cursor.execute(
        "CREATE TABLE IF NOT EXISTS user_data (user_id CHAR(36) PRIMARY KEY, name VARCHAR(255) NOT NULL,"
        " email VARCHAR(255) NOT NULL, age DECIMAL NOT NULL)"
    )
    print("Table user_data created successfully")


def insert_data(connection, data):
    cursor = connection.cursor()
    with open(data) as file:
        for row in csv.DictReader(file):
            values = (str(uuid.uuid4()), row["name"], row["email"], row["age"])
            cursor.execute("INSERT INTO user_data (user_id, name, email, age) VALUES (%s, %s, %s, %s)", values)
    connection.commit()
