"""What the dashboard shows: the newest reading first, a chart of any span."""

import pytest

from lab.notebook import dashboard, figures
from lab.notebook.source import Sample


def test_the_dashboard_shows_the_newest_reading_first_and_no_value_where_none_is() -> None:
    samples = [Sample(float(60 * number), 20.0 + number, None if number == 11 else 40.0) for number in range(12)]
    page = dashboard.html(samples, "a<b")
    assert "12 readings" in page
    assert "newest readings of a&lt;b" in page
    assert page.index("00:11:00</td><td>31.0</td><td></td>") < page.index("00:10:00")
    assert "1970-01-01 00:01:00" not in page  # ten rows only
    assert 'aria-label="humidity: no reading"' in page


def test_the_dashboard_of_a_silent_device_has_no_chart() -> None:
    page = dashboard.html([], "node-1")
    assert "0 readings" in page
    assert "<img" not in page


def test_a_chart_has_a_column_for_each_time_without_a_gap_of_a_day() -> None:
    hours = [0, 1, 2, 100, 101, 5000]
    samples = [Sample(3600.0 * hour, 20.0, None) for hour in hours]
    assert [len(part) for part in dashboard.episodes(samples)] == [3, 2, 1]
    columns = dashboard.chart(samples).axes
    assert len(columns) == 6  # temperature above humidity
    assert [len(line.get_xdata()) for axes in columns[:3] for line in axes.lines] == [3, 2, 1]
    assert [axes.get_ylabel() for axes in columns] == ["temperature in °C", "", "", "humidity in %", "", ""]


def test_samples_in_very_many_pieces_stay_in_one_column() -> None:
    weekly = [Sample(604_800.0 * week, 20.0, 50.0) for week in range(50)]
    assert dashboard.episodes(weekly) == [weekly]
    assert dashboard.episodes([]) == [[]]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("width", [dashboard.DESK, dashboard.PHONE])
@pytest.mark.parametrize("hours", [1 / 60, 1, 6, 24, 7 * 24, 31 * 24, 365 * 24, 3 * 365 * 24])
def test_a_chart_of_any_span_is_drawn_without_a_warning(width, hours) -> None:
    step = hours * 3600 / 100
    samples = [Sample(1_453_000_000 + step * place, 20.0 + place % 3, None) for place in range(101)]
    assert "<path" in figures.svg(dashboard.chart(samples, width), "a chart")
