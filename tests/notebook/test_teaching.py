"""The teacher's timetables keep what they promise: every notebook has its time, and the day is no longer than a day."""

from __future__ import annotations

import re

import pytest

from lab.run import catalogue, folders

GUIDE = (folders.ROOT / "docs" / "teach.md").read_text(encoding="utf-8")
MINUTES = {book.number: int(book.about["minutes"]) for book in catalogue.load()}


def timetable(title: str) -> list[tuple[int, list[str]]]:
    """Return a timetable's rows: minutes, and the numbers of the notebooks that are named one by one."""
    part = GUIDE.partition(f"### {title}")[2].partition("\n#")[0]
    rows = re.findall(r"^\| (\d+) \| (.*?) \|", part, re.MULTILINE)
    return [(int(minutes), re.findall(r"\b(\d\d) [A-Z]", names)) for minutes, names in rows]


def planned(*titles: str) -> set[str]:
    return {number for title in titles for _, numbers in timetable(title) for number in numbers}


@pytest.mark.parametrize(
    ("title", "least", "most"), [("90 minutes", 90, 90), ("Half a day", 180, 240), ("One day", 360, 480)]
)
def test_a_timetable_is_as_long_as_its_title_and_gives_each_notebook_its_minutes(
    title: str, least: int, most: int
) -> None:
    rows = timetable(title)
    assert least <= sum(minutes for minutes, _ in rows) <= most
    short = [row for row in rows if row[0] < sum(MINUTES.get(number, 0) for number in row[1])]
    assert short == []


def test_level_1_fits_into_90_minutes_and_every_notebook_into_the_day() -> None:
    assert {number for number in MINUTES if number[0] == "1"} <= planned("90 minutes")
    assert set(MINUTES) <= planned("90 minutes", "Half a day", "One day")
