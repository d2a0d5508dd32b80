"""The state of an alarm for its last values.

The tables of https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html, where 0 is
within the threshold, X breaches it and - is missing.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.local.monitoring.evaluation import COMPARISONS, Judgement, judge

TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")
KEPT = "kept"
UNKNOWN = "INSUFFICIENT_DATA"


def alarm(**more: Any) -> dict[str, Any]:
    return {
        "Namespace": "N",
        "EvaluationPeriods": 3,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 1.0,
        **more,
    }


def values(text: str) -> list[float | None]:
    return [{"0": 0.0, "X": 5.0, "-": None}[mark] for mark in text.split()]


def state(judged: Judgement | None) -> str:
    return judged.state if judged else KEPT


@pytest.mark.parametrize(
    ("least", "points", "states"),
    [
        (3, "0 - X - X", ("OK", "OK", "OK", "OK")),
        (3, "0 - - - -", ("OK", "OK", "OK", "OK")),
        (3, "- - - - -", (UNKNOWN, KEPT, "ALARM", "OK")),
        (3, "0 X X - X", ("ALARM", "ALARM", "ALARM", "ALARM")),
        (3, "- - X - -", ("ALARM", KEPT, "ALARM", "OK")),
        (2, "0 - X - X", ("ALARM", "ALARM", "ALARM", "ALARM")),
        (2, "0 0 X 0 X", ("ALARM", "ALARM", "ALARM", "ALARM")),
        (2, "0 - X - -", ("OK", "OK", "ALARM", "OK")),
        (2, "- - - - 0", ("OK", "OK", "ALARM", "OK")),
        (2, "- - - X -", ("ALARM", KEPT, "ALARM", "OK")),
    ],
)
def test_an_alarm_has_the_state_of_the_users_guide(least: int, points: str, states: tuple[str, ...]) -> None:
    found = [
        state(judge(alarm(DatapointsToAlarm=least, TreatMissingData=treat), values(points))) for treat in TREATMENTS
    ]
    assert tuple(found) == states


def test_a_breach_that_is_not_old_enough_raises_no_alarm_before_others_follow() -> None:
    assert state(judge(alarm(), values("- - - - X"))) == "OK"
    assert state(judge(alarm(), values("- - X X X"))) == "ALARM"
    assert state(judge(alarm(DatapointsToAlarm=2, TreatMissingData="ignore"), values("- - - X X"))) == "ALARM"


def test_alarms_of_dynamodb_ignore_missing_data_whatever_they_say() -> None:
    assert judge(alarm(Namespace="AWS/DynamoDB", TreatMissingData="breaching"), values("- - - - -")) is None


@pytest.mark.parametrize(
    ("comparison", "below", "at", "above"),
    [
        ("GreaterThanThreshold", "OK", "OK", "ALARM"),
        ("GreaterThanOrEqualToThreshold", "OK", "ALARM", "ALARM"),
        ("LessThanThreshold", "ALARM", "OK", "OK"),
        ("LessThanOrEqualToThreshold", "ALARM", "ALARM", "OK"),
    ],
)
def test_the_threshold_itself_breaches_only_with_or_equal(comparison: str, below: str, at: str, above: str) -> None:
    one = alarm(EvaluationPeriods=1, ComparisonOperator=comparison)
    assert [state(judge(one, [None, None, value])) for value in (0.5, 1.0, 1.5)] == [below, at, above]


def test_the_reason_names_the_values_and_the_threshold_or_what_was_missing() -> None:
    one = alarm(EvaluationPeriods=1)
    raised, calm = judge(one, [None, None, 5.0]), judge(one, [None, None, 0.0])
    assert raised == Judgement("ALARM", "Threshold Crossed: 1 datapoint [5.0] was greater than the threshold (1.0).")
    assert calm == Judgement("OK", "Threshold Crossed: 1 datapoint [0.0] was not greater than the threshold (1.0).")
    silent = judge(alarm(TreatMissingData="notBreaching"), [None] * 5)
    assert silent == Judgement(
        "OK",
        "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as "
        "[NonBreaching].",
    )
    assert judge(one, [None] * 3) == Judgement(UNKNOWN, "Insufficient Data: 1 datapoint was unknown.")


@given(
    st.integers(1, 4).flatmap(
        lambda wanted: st.tuples(
            st.just(wanted),
            st.integers(1, wanted),
            st.lists(st.none() | st.floats(-2, 4), min_size=wanted + 2, max_size=wanted + 2),
        )
    ),
    st.sampled_from(TREATMENTS),
    st.sampled_from(sorted(COMPARISONS)),
)
def test_without_missing_data_the_treatment_does_not_matter_and_with_them_breaching_alarms_most(
    made: tuple[int, int, list[float | None]], treat: str, comparison: str
) -> None:
    wanted, least, points = made
    of = alarm(EvaluationPeriods=wanted, DatapointsToAlarm=least, ComparisonOperator=comparison)
    found = {name: state(judge({**of, "TreatMissingData": name}, points)) for name in TREATMENTS}
    if sum(point is not None for point in points) >= wanted:
        assert len(set(found.values())) == 1
    if found[treat] == "ALARM":
        assert found["breaching"] == "ALARM"
    if found["notBreaching"] == "ALARM":
        assert set(found.values()) == {"ALARM"}
