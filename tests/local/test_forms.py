"""Forms of the query protocol: texts that are not of their member's type are refused before the operation."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.exceptions import ClientError

from lab.local.forms import problem


@pytest.mark.parametrize(
    ("service", "fields", "wrong"),
    [
        ("iam", {"Action": "CreateRole", "MaxSessionDuration": "3600"}, ""),
        ("iam", {"Action": "CreateRole", "MaxSessionDuration": "soon"}, "MaxSessionDuration' is not of type integer"),
        ("iam", {"Action": "CreateRole", "Tags.member.1.Key": "soon"}, ""),
        ("iam", {"Action": "NoSuchAction", "MaxSessionDuration": "soon"}, ""),
        ("cloudformation", {"Action": "CreateStack", "DisableRollback": "TRUE"}, ""),
        ("cloudformation", {"Action": "CreateStack", "DisableRollback": "perhaps"}, "not of type boolean"),
        (
            "monitoring",
            {"Action": "PutMetricData", "MetricData.member.2.StatisticValues.Sum": "much"},
            "'MetricData.member.2.StatisticValues.Sum' is not of type double",
        ),
        ("monitoring", {"Action": "PutMetricData", "MetricData.member.2.Unknown.Sum": "much"}, ""),
        ("sns", {"Action": "CreateTopic", "Attributes.entry.1.value": "much", "Name.member.1": "x"}, ""),
        ("s3", {"Action": "CreateRole", "MaxSessionDuration": "soon"}, ""),
    ],
)
def test_a_field_is_held_to_the_type_of_its_member(service: str, fields: dict[str, str], wrong: str) -> None:
    found = problem(service, urlencode(fields).encode())
    assert wrong in found
    assert bool(found) == bool(wrong)


def test_over_the_endpoint_it_is_an_error_with_code_and_message(aws: Any) -> None:
    iam = aws.client("iam")
    iam.meta.events.register(
        "before-call.iam.CreateRole",
        lambda params, **_: params["body"].update({"MaxSessionDuration": "soon"}),
    )
    with pytest.raises(ClientError, match=r"MalformedInput.*'soon' at 'MaxSessionDuration'"):
        iam.create_role(RoleName="never", AssumeRolePolicyDocument="{}")
