"""Draw the pictures of the READMEs: small SVG files that can be read on light and on dark paper."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

import bench_streaming
from samples import Samples

# Each has a contrast of at least 4 to 1 to white and to GitHub's black (#0d1117).
INK, OURS, OTHER = "#767676", "#1a7fd4", "#c4601d"
COLORED = ["text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"]
FOLDER = Path(__file__).resolve().parent.parent.parent / "python-generators-0x00" / "pictures"

# The short names of the bars; what is not here has no bar.
BARS = {
    "mysqlclient_fetchmany": "mysqlclient, fetchmany",
    "stream_users": "stream_users()",
    "mysqlclient": "mysqlclient, iterated",
    "pandas_chunks": "pandas, in chunks",
    "sqlalchemy_mysqlclient": "SQLAlchemy, streamed",
    "fetchall": "fetchall",
    "plain_cursor": "for row in cursor",
    "pymysql": "PyMySQL, iterated",
}


def draw(name: str, title: str, height: float, plot: Callable[[Any], None]) -> None:
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    settings = {
        "svg.fonttype": "none",  # letters stay letters: small, and to be found and read aloud
        "svg.hashsalt": name,  # the same picture each time
        "font.family": "sans-serif",
        "font.size": 11,
        "axes.spines.top": False,
        "axes.spines.right": False,
        **dict.fromkeys(COLORED, INK),
    }
    with pyplot.rc_context(settings):
        figure, axes = pyplot.subplots(figsize=(7.2, height), layout="constrained")
        axes.set_title(title, loc="left", fontsize=12)
        plot(axes)
        FOLDER.mkdir(exist_ok=True)
        figure.savefig(FOLDER / name, transparent=True, metadata={"Date": None})
        pyplot.close(figure)


def lines(axes: Any, xs: list[int], ours: tuple[str, list[float]], other: tuple[str, list[float]]) -> None:
    for (label, ys), color, lift in ((ours, OURS, 9), (other, OTHER, 9)):
        axes.plot(xs, ys, marker="o", color=color, linewidth=2)
        axes.annotate(
            label, (xs[-1], ys[-1]), (-4, lift), textcoords="offset points", color=color, ha="right"
        )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(xs, [f"{x:,}" for x in xs])
    axes.minorticks_off()
    axes.margins(y=0.2)


def memory(samples: Samples, sizes: list[int]) -> None:
    def peaks(name: str) -> list[float]:
        return [samples.median((name, rows), "peak") for rows in sizes]

    def plot(axes: Any) -> None:
        lines(axes, sizes, ("stream_users()", peaks("stream_users")), ("fetchall", peaks("fetchall")))
        marks = [20, 50, 100, 200, 500, 1000]
        axes.set_yticks(marks, [f"{mark:,} MB" for mark in marks])
        axes.set_xlabel("rows in the table")

    draw("memory.svg", "Peak memory of the process while all rows are read", 3, plot)


def pages(samples: Samples, numbers: list[int]) -> None:
    def times(name: str) -> list[float]:
        return [samples.median((name, number), "ms") for number in numbers]

    def plot(axes: Any) -> None:
        lines(axes, numbers, ("by key", times("by_key")), ("by OFFSET", times("offset")))
        marks = [0.1, 1, 10, 100]
        axes.set_yticks(marks, [f"{mark:g} ms" for mark in marks])
        axes.set_xlabel("number of the page, 100 users each")

    draw("pages.svg", "Time to fetch one page", 3, plot)


def rates(samples: Samples, rows: int) -> None:
    names = [name for name in BARS if samples.has((name, rows))]
    names.sort(key=lambda name: samples.median((name, rows), "rate"))
    values = [samples.median((name, rows), "rate") / 1000 for name in names]

    def plot(axes: Any) -> None:
        colors = [OURS if name == "stream_users" else INK for name in names]
        bars = axes.barh([BARS[name] for name in names], values, color=colors, height=0.7)
        axes.bar_label(bars, [f"{value:,.0f}" for value in values], padding=4)
        axes.spines["bottom"].set_visible(False)
        axes.spines["left"].set_visible(False)
        axes.set_xticks([])
        axes.tick_params(left=False)

    draw("rows.svg", f"Thousand rows a second, of {rows:,} rows", 3.2, plot)


def draw_all(streaming: Samples, paging: Samples, sizes: list[int], numbers: list[int]) -> None:
    memory(streaming, sizes)
    rates(streaming, sizes[-1])
    pages(paging, numbers)


assert set(BARS) <= set(bench_streaming.RIVALS)
