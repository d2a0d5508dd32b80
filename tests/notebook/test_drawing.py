from xml.etree import ElementTree

import pytest

from lab import drawing
from lab.notebook import gauge, map, panel
from lab.notebook.panel import html
from lab.notebook.source import Sample

SCALE = gauge.Scale("temperature", "°C", -10, 40, "#d1495b")


def test_the_map_lights_the_hops_and_says_so_in_words() -> None:
    picture = map.svg(["rule", "table"])
    ElementTree.fromstring(picture)
    assert "here: rule, DynamoDB" in picture
    assert picture.count('fill="#d1495b"') == 2


def test_an_unknown_hop_is_an_error() -> None:
    with pytest.raises(KeyError, match="moon"):
        map.svg(["moon"])


def test_a_gauge_shows_the_number_and_draws_its_share() -> None:
    picture = gauge.svg(15.0, SCALE)
    ElementTree.fromstring(picture)
    assert 'aria-label="temperature: 15.0 °C"' in picture
    assert "1 100.0 20.0" in picture  # half of the scale: the arc ends at the top


def test_a_value_beyond_the_scale_is_drawn_at_its_end_with_its_true_number() -> None:
    picture = gauge.svg(85.0, SCALE)
    assert "85.0 °C" in picture
    assert picture.count("1 180.0 100.0") == 2


def test_a_gauge_without_a_reading_says_so() -> None:
    assert "temperature: no reading" in gauge.svg(None, SCALE)


def test_an_empty_scale_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        gauge.svg(1.0, gauge.Scale("t", "°C", 5, 5, "red"))


def test_the_dashboard_shows_the_newest_reading_first_and_no_value_where_none_is() -> None:
    samples = [Sample(float(60 * number), 20.0 + number, None if number == 11 else 40.0) for number in range(12)]
    page = html(samples, "a<b")
    assert "12 readings" in page
    assert "newest readings of a&lt;b" in page
    assert page.index("00:11:00</td><td>31.0</td><td></td>") < page.index("00:10:00")
    assert "1970-01-01 00:01:00" not in page  # ten rows only
    assert 'aria-label="humidity: no reading"' in page


def test_the_dashboard_of_a_silent_device_has_no_chart() -> None:
    page = html([], "node-1")
    assert "0 readings" in page
    assert "<img" not in page


def test_a_chart_has_a_column_for_each_time_without_a_gap_of_a_day() -> None:
    hours = [0, 1, 2, 100, 101, 5000]
    samples = [Sample(3600.0 * hour, 20.0, None) for hour in hours]
    assert [len(part) for part in panel.episodes(samples)] == [3, 2, 1]
    columns = panel.chart(samples).axes
    assert len(columns) == 6  # temperature above humidity
    assert [len(line.get_xdata()) for axes in columns[:3] for line in axes.lines] == [3, 2, 1]
    assert [axes.get_ylabel() for axes in columns] == ["temperature in °C", "", "", "humidity in %", "", ""]


def test_samples_in_very_many_pieces_stay_in_one_column() -> None:
    weekly = [Sample(604_800.0 * week, 20.0, 50.0) for week in range(50)]
    assert panel.episodes(weekly) == [weekly]
    assert panel.episodes([]) == [[]]


def test_a_stack_is_drawn_with_a_dot_a_resource() -> None:
    resources = [
        {"ResourceType": "AWS::S3::Bucket", "LogicalResourceId": "Data", "ResourceStatus": "CREATE_COMPLETE"},
        {"ResourceType": "AWS::IAM::Role", "LogicalResourceId": "Role", "ResourceStatus": "CREATE_FAILED"},
        {"ResourceType": "AWS::IoT::TopicRule", "LogicalResourceId": "Rule", "ResourceStatus": "ROLLBACK_COMPLETE"},
    ]
    dots = [line.get_color() for line in drawing.tree(resources).axes[0].lines if line.get_marker() == "o"]
    assert sorted(dots) == ["#2e8b57", "#c0392b", "#c0392b"]
