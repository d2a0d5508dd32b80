from lab import permissions

POLICY = {
    "Statement": [
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "*"},
        {"Effect": "Allow", "Action": "kinesis:GetRecords", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"},
    ]
}


class Iam:
    def list_role_policies(self, RoleName):  # noqa: N803 - the API's name
        return {"PolicyNames": ["one", "two"]}

    def get_role_policy(self, RoleName, PolicyName):  # noqa: N803
        statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
        return {"PolicyDocument": POLICY if PolicyName == "one" else {"Statement": statement}}


def test_allowed_actions_of_all_policies_are_listed_once_by_role(monkeypatch) -> None:
    resources = [
        {"ResourceType": "AWS::IAM::Role", "LogicalResourceId": "DeliveryRole1A2B3C4D", "PhysicalResourceId": "r"},
        {"ResourceType": "AWS::S3::Bucket", "LogicalResourceId": "Data", "PhysicalResourceId": "b"},
    ]
    monkeypatch.setattr(permissions.stacks, "resources", lambda stack, stage: resources)
    monkeypatch.setattr(permissions.target, "client", lambda service: Iam())
    assert permissions.grants("datastreamer", "staging") == {
        "DeliveryRole": ["kinesis:GetRecords", "s3:GetObject", "s3:PutObject"]
    }


def test_actions_are_counted_by_service() -> None:
    assert permissions.by_service(["s3:GetObject", "s3:PutObject", "kinesis:GetRecords"]) == {"s3": 2, "kinesis": 1}
