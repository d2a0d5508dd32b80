"""Rules from end to end: HTTP publish, SQL, actions under the rule's role, error action."""

from __future__ import annotations

import base64
import json
import time
import uuid
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from botocore.exceptions import ClientError
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.local.mqtt import devices


@pytest.fixture(scope="module")
def world(aws: Any) -> Any:
    """Return a role for rules and one resource of each kind that rules act on."""
    return World(aws)


class World:
    def __init__(self, aws: Any) -> None:
        self.aws = aws
        self.iot, self.iam = aws.client("iot"), aws.client("iam")
        self.data = aws.client("iot-data")
        self.role = self.make_role(
            "rules-all", ["dynamodb:*", "kinesis:*", "logs:*", "s3:*", "sqs:*", "sns:*", "iot:*"]
        )
        aws.client("dynamodb").create_table(
            TableName="readings",
            KeySchema=[{"AttributeName": "d", "KeyType": "HASH"}, {"AttributeName": "ts", "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": "d", "AttributeType": "S"},
                {"AttributeName": "ts", "AttributeType": "N"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        aws.client("logs").create_log_group(logGroupName="/rules/errors")
        self.queue = aws.client("sqs").create_queue(QueueName="rules")["QueueUrl"]

    def make_role(self, name: str, actions: list[str]) -> str:
        trust = {"Effect": "Allow", "Principal": {"Service": "iot.amazonaws.com"}, "Action": "sts:AssumeRole"}
        arn = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
        allow = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        self.iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(allow))
        return str(arn)

    def rule(self, action: dict[str, Any], sql: str = "SELECT * FROM '{topic}'") -> str:
        """Make a rule with an error action and return the topic that it listens to."""
        name = f"rule_{uuid.uuid4().hex[:8]}"
        self.iot.create_topic_rule(
            ruleName=name,
            topicRulePayload={
                "sql": sql.format(topic=f"{name}/+"),
                "actions": [action],
                "errorAction": {"cloudwatchLogs": {"logGroupName": "/rules/errors", "roleArn": self.role}},
            },
        )
        return f"{name}/a"

    def publish(self, topic: str, payload: Any) -> None:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self.data.publish(topic=topic, qos=1, payload=body)

    def errors(self, topic: str) -> list[dict[str, Any]]:
        events = self.aws.client("logs").filter_log_events(logGroupName="/rules/errors")["events"]
        return [found for event in events if (found := json.loads(event["message"]))["topic"] == topic]

    def message(self) -> Any:
        answer = self.aws.client("sqs").receive_message(QueueUrl=self.queue, WaitTimeSeconds=5)
        found = answer["Messages"][0]
        self.aws.client("sqs").delete_message(QueueUrl=self.queue, ReceiptHandle=found["ReceiptHandle"])
        return json.loads(found["Body"])

    def item(self, key: str, ts: int) -> Any:
        table = self.aws.client("dynamodb")
        return table.get_item(TableName="readings", Key={"d": {"S": key}, "ts": {"N": str(ts)}}).get("Item")


def document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def table_action(world: World, **fields: str) -> dict[str, Any]:
    return {
        "dynamoDB": {
            "tableName": "readings",
            "roleArn": world.role,
            "hashKeyField": "d",
            "hashKeyValue": "${topic(1)}",
            "rangeKeyField": "ts",
            "rangeKeyValue": "${timestamp}",
            "rangeKeyType": "NUMBER",
            **fields,
        }
    }


def test_dynamodb_stores_keys_from_templates_and_the_message_as_payload(world: World) -> None:
    topic = world.rule(table_action(world))
    world.publish(topic, {"timestamp": 5, "temperature": 25.5})
    assert world.item(topic[:-2], 5) == {
        "d": {"S": topic[:-2]},
        "ts": {"N": "5"},
        "payload": {"M": {"timestamp": {"N": "5"}, "temperature": {"N": "25.5"}}},
    }
    assert world.errors(topic) == []


def test_a_string_against_a_number_key_ends_in_the_error_action(world: World) -> None:
    topic = world.rule(table_action(world, rangeKeyType="STRING"))
    world.publish(topic, {"timestamp": 5})
    (error,) = world.errors(topic)
    assert error["ruleName"] == topic[:-2]
    assert error["clientId"] == "N/A"
    assert json.loads(base64.b64decode(error["base64OriginalPayload"])) == {"timestamp": 5}
    (failure,) = error["failures"]
    assert (failure["failedAction"], failure["failedResource"]) == ("DynamoDBAction", "readings")
    assert "Type mismatch for key ts" in failure["errorMessage"]


def test_dynamodb_v2_stores_each_member_as_a_column(world: World) -> None:
    action = {"dynamoDBv2": {"roleArn": world.role, "putItem": {"tableName": "readings"}}}
    topic = world.rule(action, "SELECT topic(1) AS d, timestamp AS ts, list, deep FROM '{topic}'")
    world.publish(topic, {"timestamp": 6, "list": [1, "a"], "deep": {"x": None}})
    assert world.item(topic[:-2], 6) == {
        "d": {"S": topic[:-2]},
        "ts": {"N": "6"},
        "list": {"L": [{"N": "1"}, {"S": "a"}]},
        "deep": {"M": {"x": {"NULL": True}}},
    }


def test_kinesis_gets_a_record_under_its_partition_key(world: World) -> None:
    kinesis = world.aws.client("kinesis")
    kinesis.create_stream(StreamName="rules", ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName="rules", WaiterConfig={"Delay": 1})
    topic = world.rule({"kinesis": {"streamName": "rules", "partitionKey": "${id}", "roleArn": world.role}})
    world.publish(topic, {"id": "x1", "t": 1.5})
    shard = kinesis.list_shards(StreamName="rules")["Shards"][0]["ShardId"]
    start = kinesis.get_shard_iterator(StreamName="rules", ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    (record,) = kinesis.get_records(ShardIterator=start["ShardIterator"])["Records"]
    assert (record["PartitionKey"], record["Data"]) == ("x1", b'{"id":"x1","t":1.5}')


def test_s3_gets_an_object_under_a_key_from_the_message(world: World) -> None:
    s3 = world.aws.client("s3")
    s3.create_bucket(Bucket="rules-objects", CreateBucketConfiguration={"LocationConstraint": world.aws.running.region})
    topic = world.rule({"s3": {"bucketName": "rules-objects", "key": "in/${id}.json", "roleArn": world.role}})
    world.publish(topic, {"id": 7})
    assert world.errors(topic) == []
    assert s3.get_object(Bucket="rules-objects", Key="in/7.json")["Body"].read() == b'{"id":7}'


def test_sqs_gets_a_message(world: World) -> None:
    topic = world.rule({"sqs": {"queueUrl": world.queue, "useBase64": False, "roleArn": world.role}})
    world.publish(topic, {"id": 8})
    assert world.message() == {"id": 8}


@pytest.mark.parametrize("way", ["endpoint", "device"])
def test_headers_of_mqtt_5_reach_a_rule_and_end_with_their_message(world: World, way: str) -> None:
    sql = "SELECT get_mqtt_property('content_type') AS type, get_user_properties('k') AS k FROM '{topic}'"
    topic = world.rule({"sqs": {"queueUrl": world.queue, "useBase64": False, "roleArn": world.role}}, sql)
    if way == "endpoint":
        user = [{"k": "1"}, {"k": "2"}]
        world.data.publish(topic=topic, qos=1, payload=b"{}", contentType="text/plain", userProperties=user)
    else:
        sent = Properties(PacketTypes.PUBLISH)
        sent.ContentType, sent.UserProperty = "text/plain", [("k", "1"), ("k", "2")]
        with devices.device(world.aws, devices.identity(world.iot), protocol=mqtt.MQTTv5) as device:
            device.client.publish(topic, b"{}", 1, properties=sent).wait_for_publish(devices.WAIT)
    assert world.message() == {"type": "text/plain", "k": ["1", "2"]}
    world.publish(topic, {})
    assert world.message() == {}


def test_sns_reaches_its_subscribers(world: World) -> None:
    sns = world.aws.client("sns")
    arn = sns.create_topic(Name="rules")["TopicArn"]
    queue_arn = f"arn:aws:sqs:{world.aws.running.region}:{world.aws.running.account}:rules"
    allow = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = document({**allow, "Resource": queue_arn})
    world.aws.client("sqs").set_queue_attributes(QueueUrl=world.queue, Attributes={"Policy": policy})
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue_arn, Attributes={"RawMessageDelivery": "true"})
    topic = world.rule({"sns": {"targetArn": arn, "messageFormat": "RAW", "roleArn": world.role}})
    world.publish(topic, {"text": "a&b=ü"})
    assert world.errors(topic) == []
    assert world.message() == {"text": "a&b=ü"}


@pytest.mark.parametrize("way", ["endpoint", "device"])
def test_a_topic_that_refuses_requests_without_tls_takes_what_a_rule_sends(world: World, way: str) -> None:
    sns = world.aws.client("sns")
    arn = sns.create_topic(Name=f"rules-tls-{way}")["TopicArn"]
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "sns:Publish", "Resource": arn, "Condition": plain}
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=document(deny))
    topic = world.rule({"sns": {"targetArn": arn, "messageFormat": "RAW", "roleArn": world.role}})
    if way == "endpoint":
        world.publish(topic, {"a": 1})
    else:
        who = devices.identity(world.iot)
        with devices.device(world.aws, who) as device:
            device.publish(topic, b'{"a": 1}')
    assert world.errors(topic) == []


def test_a_republished_message_meets_the_other_rules(world: World) -> None:
    second = world.rule(table_action(world))
    first = world.rule({"republish": {"topic": f"{second[:-1]}${{topic(2)}}", "qos": 1, "roleArn": world.role}})
    world.publish(first, {"timestamp": 9})
    assert world.item(second[:-2], 9) is not None


def test_a_role_without_the_permission_ends_in_the_error_action(world: World) -> None:
    role = world.make_role("rules-nothing", ["iot:Publish"])
    topic = world.rule(table_action(world, roleArn=role))
    world.publish(topic, {"timestamp": 1})
    (failure,) = world.errors(topic)[0]["failures"]
    assert "is not authorized to perform: dynamodb:PutItem on resource: arn:aws:dynamodb:" in failure["errorMessage"]
    assert world.item(topic[:-2], 1) is None
    allow = {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": "*"}
    world.iam.put_role_policy(RoleName="rules-nothing", PolicyName="p", PolicyDocument=document(allow))
    deadline = time.monotonic() + 10
    while world.item(topic[:-2], 1) is None and time.monotonic() < deadline:
        world.publish(topic, {"timestamp": 1})
    assert world.item(topic[:-2], 1) is not None


def test_a_message_that_the_condition_leaves_out_does_nothing(world: World) -> None:
    topic = world.rule(table_action(world), "SELECT * FROM '{topic}' WHERE temperature > 20")
    world.publish(topic, {"timestamp": 1, "temperature": 19})
    world.publish(topic, {"timestamp": 2, "temperature": 21})
    assert world.item(topic[:-2], 1) is None
    assert world.item(topic[:-2], 2) is not None


def test_a_payload_that_is_no_json_is_handed_to_the_error_action(world: World) -> None:
    topic = world.rule({"dynamoDBv2": {"roleArn": world.role, "putItem": {"tableName": "readings"}}})
    world.publish(topic, b"\xff\xfe")
    (error,) = world.errors(topic)
    assert base64.b64decode(error["base64OriginalPayload"]) == b"\xff\xfe"


@pytest.mark.parametrize(
    ("sql", "action", "code"),
    [
        ("SELECT FROM 'a'", None, "SqlParseException"),
        ("SELECT nope() AS x FROM 'a'", None, "SqlParseException"),
        ("SELECT * FROM 'a'", {"lambda": {"functionArn": "arn:aws:lambda:r:1:function:f"}}, "InvalidRequestException"),
        ("SELECT * FROM 'a'", {"sqs": {"queueUrl": "${nope()}", "roleArn": "r"}}, "InvalidRequestException"),
    ],
)
def test_a_rule_that_would_not_run_is_refused(world: World, sql: str, action: Any, code: str) -> None:
    actions = [action or table_action(world)]
    with pytest.raises(ClientError) as refused:
        world.iot.create_topic_rule(ruleName="bad", topicRulePayload={"sql": sql, "actions": actions})
    assert refused.value.response["Error"]["Code"] == code
    assert "bad" not in [rule["ruleName"] for rule in world.iot.list_topic_rules()["rules"]]
