import datetime

import pytest
from click.testing import CliRunner

from lab import query
from lab.athena import Result

DAY = datetime.date(2025, 1, 5)


def result(*rows):
    return Result("q-9", ("device_id", "avg_temp"), ("varchar", "double"), list(rows), 4096, 10)


def test_the_statement_is_the_seeds_with_the_day_as_text() -> None:
    words = query.sql("device_telemetry", DAY).split()
    expected = (
        "SELECT device_id, AVG(temperature) AS avg_temp FROM device_telemetry "
        "WHERE year='2025' AND month='01' AND day='05' GROUP BY device_id ORDER BY avg_temp DESC"
    )
    assert " ".join(words) == expected


@pytest.fixture
def ask(monkeypatch):
    def ask(answer, *arguments):
        monkeypatch.setattr(query, "averages", lambda stage, day: answer)
        return CliRunner().invoke(query.query_command, arguments)

    return ask


def test_averages_are_shown_warmest_first_with_what_they_cost(ask) -> None:
    said = ask(result(("node-8", 22.031), ("node-6", -1.5)), "staging", "2025-01-05")
    assert said.output.splitlines() == [
        "node-8                     22.03 °C",
        "node-6                     -1.50 °C",
        "2 devices, 4,096 bytes scanned, query q-9",
    ]


def test_a_day_without_readings_is_an_error(ask) -> None:
    assert "No reading of 2025-01-05" in str(ask(result(), "staging", "2025-01-05").exception)


@pytest.mark.parametrize("day", ["2025-13-01", "yesterday", "20250105"])
def test_what_is_no_day_is_refused(ask, day) -> None:
    assert ask(result(), "staging", day).exit_code == 2
