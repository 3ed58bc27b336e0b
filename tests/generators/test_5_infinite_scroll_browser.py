"""5-infinite_scroll in a real browser: a headless Chromium that scrolls, reads, and presses the button."""

from __future__ import annotations

import shutil
import threading
from contextlib import ExitStack, closing
from typing import Any, Callable, Iterator

from support import Load, environment, throwaway_server

import pytest
from flask import request
from werkzeug.serving import make_server


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A headless Chromium. Whoever has run `make browser` wants it: then it's an error that there is none."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="no selenium; `make browser` installs it")
    driver = shutil.which("chromedriver")
    if driver is None:
        raise FileNotFoundError("there is selenium, but no chromedriver; `make browser` installs it")
    options = webdriver.ChromeOptions()
    profile = tmp_path_factory.mktemp("chromium")
    for argument in ("--headless", "--disable-gpu", "--no-sandbox", f"--user-data-dir={profile}"):
        options.add_argument(argument)
    options.add_argument("--window-size=900,700")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield browser
    browser.quit()


def seed_people(load: Load) -> list[dict[str, Any]]:
    """Put the thousand users of user_data.csv into the database, and return them in order."""
    seed = load("seed")
    with closing(seed.connect_db()) as connection:
        seed.create_database(connection)
    with closing(seed.connect_to_prodev()) as connection:
        seed.create_table(connection)
        seed.insert_data(connection, "user_data.csv")
    return [user for page in load("3-keyset_paginate").keyset_paginate(1000) for user in page]


class Visit:
    """A page that is open in the browser, and the addresses that it has asked its server for."""

    def __init__(self, browser: Any, server: Any, asked: list[str]) -> None:
        self.browser = browser
        self.asked = asked
        browser.get(f"http://127.0.0.1:{server.port}/")

    def wait_for(self, script: str) -> None:
        from selenium.webdriver.support.wait import WebDriverWait

        waiting = WebDriverWait(self.browser, 20, 0.02)
        waiting.until(lambda browser: browser.execute_script(f"return {script}"))

    def wait_for_count(self, count: int) -> None:
        self.wait_for(f"document.querySelectorAll('li').length >= {count} && !note.textContent")

    def scroll_to_the_end(self) -> None:
        self.browser.execute_script("window.scrollTo(0, document.body.scrollHeight)")

    def texts(self, name: str) -> Any:
        script = "return [...document.querySelectorAll(arguments[0])].map((part) => part.textContent)"
        return self.browser.execute_script(script, name)


@pytest.fixture
def visit(load: Load, chromium: Any) -> Iterator[Callable[[], Visit]]:
    """A function that serves the page on a free port, 100 users a request, and opens it."""
    with ExitStack() as stack:

        def open_page() -> Visit:
            app = load("5-infinite_scroll").app
            asked: list[str] = []
            app.before_request(lambda: asked.append(request.full_path))
            server = stack.enter_context(make_server("127.0.0.1", 0, app, threaded=True))
            thread = threading.Thread(target=server.serve_forever, args=[0.01])
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            return Visit(chromium, server, asked)

        yield open_page
        chromium.get("about:blank")


def test_scrolling_shows_every_user_once_and_in_order(
    prodev: str, load: Load, visit: Callable[[], Visit], chromium: Any
) -> None:
    people = seed_people(load)
    page = visit()
    page.wait_for_count(100)
    for count in range(200, 1001, 100):
        page.scroll_to_the_end()
        page.wait_for(f"document.querySelectorAll('li').length >= {count}")
    page.wait_for("note.textContent.startsWith('The end')")
    assert page.texts("#note") == ["The end: 1,000 users."]
    assert page.texts("#count") == ["1,000 loaded"]
    assert page.texts(".name") == [user["name"] for user in people]
    assert page.texts(".email") == [user["email"] for user in people]
    assert "<b>Bobby</b>" in page.texts(".name")
    assert page.texts("li b") == []
    assert sum(address.startswith("/users") for address in page.asked) == 10
    assert chromium.get_log("browser") == []


def test_a_page_is_not_requested_before_its_reader_comes_near_it(
    prodev: str, load: Load, visit: Callable[[], Visit]
) -> None:
    seed_people(load)
    page = visit()
    page.wait_for_count(100)
    page.scroll_to_the_end()
    page.wait_for_count(200)
    # Whatever the observer had to say has been said two frames later.
    frames = "requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 100)))"
    page.browser.execute_async_script(f"const done = arguments[0]; {frames}")
    assert sum(address.startswith("/users") for address in page.asked) == 2
    assert page.texts("#count") == ["200 loaded"]


def test_a_window_taller_than_a_page_is_filled_without_scrolling(
    prodev: str, load: Load, visit: Callable[[], Visit], chromium: Any
) -> None:
    seed_people(load)
    chromium.set_window_size(900, 9000)
    try:
        visit().wait_for_count(200)
    finally:
        chromium.set_window_size(900, 700)


def test_an_empty_table_says_how_to_fill_it(prodev: str, visit: Callable[[], Visit]) -> None:
    page = visit()
    page.wait_for("note.textContent.startsWith('There are no users')")
    assert page.texts("#note") == [
        "There are no users. Make some with seed.py, which lies beside 5-infinite_scroll.py."
    ]


def test_after_a_restart_of_the_database_the_button_goes_on_where_the_list_ended(
    load: Load, visit: Callable[[], Visit]
) -> None:
    with throwaway_server() as settings, environment(settings):
        people = seed_people(load)
        page = visit()
        page.wait_for_count(100)
    with environment(settings):  # of a server that is gone
        page.scroll_to_the_end()
        page.wait_for("more.textContent === 'Try again' && !more.hidden")
        assert page.texts("#note") == [
            "The next users could not be fetched: the users can't be read; the terminal says why."
        ]
    with throwaway_server() as settings, environment(settings):
        seed_people(load)
        page.browser.find_element("id", "more").send_keys("\n")  # by keyboard
        page.wait_for_count(200)
        assert page.browser.switch_to.active_element.get_attribute("id") == people[100]["user_id"]
        assert page.texts(".email") == [user["email"] for user in people[: len(page.texts(".email"))]]


def test_the_text_can_be_read_on_light_and_on_dark(
    prodev: str, load: Load, visit: Callable[[], Visit], chromium: Any
) -> None:
    seed_people(load)
    page = visit()
    page.wait_for_count(100)
    for scheme in ("light", "dark"):
        feature = {"name": "prefers-color-scheme", "value": scheme}
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        paper = chromium.execute_script("return getComputedStyle(document.body).backgroundColor")
        for part in (".name", ".email", "h1"):
            ink = chromium.execute_script(
                "return getComputedStyle(document.querySelector(arguments[0])).color", part
            )
            assert contrast(ink, paper) >= 4.5, (scheme, part)
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colors `rgb(r, g, b)` (WCAG 2.2, from 1 to 21)."""

    def luminance(color: str) -> float:
        parts = [int(part) / 255 for part in color[color.index("(") + 1 : -1].split(",")[:3]]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)
