from contextlib import closing

from seed import connect_to_prodev


def stream_user_ages():
    with closing(connect_to_prodev()) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT age FROM user_data")
        for row in iter(cursor.fetchone, None):
            yield row[0]


if __name__ == "__main__":
    total = count = 0
    for age in stream_user_ages():
        total += age
        count += 1
    print(f"Average age of users: {total / count:.0f}" if count else "There are no users")
