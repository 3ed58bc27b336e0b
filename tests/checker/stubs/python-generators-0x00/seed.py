#!/usr/bin/env python3
"""Fill a MySQL table with the users of a CSV file.

Write five small functions: two that connect, two that create, one that fills. The exercises after this one
read what you store here. The driver is `mysql.connector`; the README says how to get it, and a server.

Example, with the thousand users of user_data.csv:

    $ python3 seed.py
    connection successful
    Table user_data created successfully
    1000 users in user_data

Check:  make check REPO=... ONLY=generators/seed  (in the clone)
Lesson: python-generators-0x00/README.md, "The seed"
"""

import os

import mysql.connector


def connect_db():
    """Connect to the MySQL server, without choosing a database.

    In:  nothing. Take socket, user and password from os.environ (the README shows the lines), so that your
         code holds no password.
    Out: an open connection.
    """
    raise NotImplementedError("Your turn: write connect_db in seed.py")


def create_database(connection):
    """Create the database ALX_prodev, unless it is there already.

    In:  a connection from connect_db.
    Out: nothing. The character set of the database is utf8mb4, which can hold names in any alphabet.
    """
    raise NotImplementedError("Your turn: write create_database in seed.py")


def connect_to_prodev():
    """Connect to the database ALX_prodev.

    In:  nothing.
    Out: an open connection that uses ALX_prodev.
    """
    raise NotImplementedError("Your turn: write connect_to_prodev in seed.py")


def create_table(connection):
    """Create the table user_data, unless it is there already, and print: Table user_data created successfully

    In:  a connection from connect_to_prodev.
    Out: nothing. The table has four columns, none of which may be NULL:
         user_id  a UUID, the primary key
         name     VARCHAR
         email    VARCHAR
         age      DECIMAL
    """
    raise NotImplementedError("Your turn: write create_table in seed.py")


def insert_data(connection, data):
    """Store the users of a CSV file in user_data.

    In:  a connection from connect_to_prodev, and the path of the file. Its first line is name,email,age,
         so each user still needs a user_id, which you make.
    Out: nothing. If seed.py runs again, nobody is stored a second time. If a row is bad, none is stored.
    """
    raise NotImplementedError("Your turn: write insert_data in seed.py")


if __name__ == "__main__":
    connection = connect_db()
    create_database(connection)
    connection.close()
    print("connection successful")

    connection = connect_to_prodev()
    create_table(connection)
    insert_data(connection, "user_data.csv")
    cursor = connection.cursor()
    cursor.execute("SELECT COUNT(*) FROM user_data")
    print(cursor.fetchone()[0], "users in user_data")
    cursor.close()
    connection.close()
