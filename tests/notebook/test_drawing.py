from xml.etree import ElementTree

import pytest

from lab import drawing
from lab.notebook import gauge, map

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


def test_a_stack_is_drawn_with_a_dot_a_resource() -> None:
    resources = [
        {"ResourceType": "AWS::S3::Bucket", "LogicalResourceId": "Data", "ResourceStatus": "CREATE_COMPLETE"},
        {"ResourceType": "AWS::IAM::Role", "LogicalResourceId": "Role", "ResourceStatus": "CREATE_FAILED"},
        {"ResourceType": "AWS::IoT::TopicRule", "LogicalResourceId": "Rule", "ResourceStatus": "ROLLBACK_COMPLETE"},
    ]
    dots = [line.get_color() for line in drawing.tree(resources).axes[0].lines if line.get_marker() == "o"]
    assert sorted(dots) == ["#2e8b57", "#c0392b", "#c0392b"]
