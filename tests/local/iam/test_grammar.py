"""Policies that are none are refused before they are kept.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local import account

ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "iot.amazonaws.com"}}
WRONG = [
    "no json",
    "{}",
    json.dumps({"Version": "2012-10-18", "Statement": [ALLOW]}),
    *(
        account.document(statement)
        for statement in (
            {**ALLOW, "Effect": "allow"},
            {**ALLOW, "Action": "s3"},
            {**ALLOW, "Action": []},
            {**ALLOW, "Resource": "bucket/*"},
            {"Effect": "Allow", "Action": "s3:*"},
            {**ALLOW, "Principal": "*"},
        )
    ),
]


@pytest.mark.parametrize("document", WRONG)
def test_a_policy_that_is_none_is_refused_for_roles_and_devices(aws: Any, document: str) -> None:
    iam, iot, name = aws.client("iam"), aws.client("iot"), account.unique("policy")
    role = account.role("iot.amazonaws.com", [account.Statement("s3:GetObject")])
    with pytest.raises(iam.exceptions.MalformedPolicyDocumentException):
        iam.put_role_policy(RoleName=role.rpartition("/")[2], PolicyName=name, PolicyDocument=document)
    with pytest.raises(iam.exceptions.MalformedPolicyDocumentException):
        iam.create_policy(PolicyName=name, PolicyDocument=document)
    with pytest.raises(iot.exceptions.MalformedPolicyException):
        iot.create_policy(policyName=name, policyDocument=document)
    iot.create_policy(policyName=name, policyDocument=account.document({**ALLOW, "Action": ["iot:*"]}))
    with pytest.raises(iot.exceptions.MalformedPolicyException):
        iot.create_policy_version(policyName=name, policyDocument=document)


@pytest.mark.parametrize(
    "document",
    [*WRONG[:3], *(account.document(one) for one in ({**TRUST, "Resource": "*"}, {**ALLOW}, {**TRUST, "Action": "x"}))],
)
def test_a_trust_policy_that_is_none_is_refused(aws: Any, document: str) -> None:
    iam, name = aws.client("iam"), account.unique("role")
    with pytest.raises(ClientError, match="MalformedPolicyDocument"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=account.document(TRUST))
    with pytest.raises(ClientError, match="MalformedPolicyDocument"):
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=document)
