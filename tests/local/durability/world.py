"""A small account on an embedded AWS of its own, with something that can be written and read back in each service."""

from __future__ import annotations

import json
import os
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import boto3
import paho.mqtt.client as mqtt
from botocore.config import Config

from lab import target
from lab.local import server
from tests.local import account
from tests.local.account import Statement

NAME: Final = "durable"
STREAMED: Final = "durable-streamed"
DIRECT: Final = "durable-direct"
OBJECTS: Final = "durable-objects"
ACK_SECONDS: Final = 10.0
Write = Callable[[str], None]


class World:
    """The account. Parameters: root, its state folder. start and kill may follow each other as often as wanted."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.running: server.Running | None = None
        self._device: tuple[Path, Path] | None = None

    def start(self) -> server.Running:
        """Start the embedded AWS; the environment points to it."""
        os.environ.update({"LAB_STATE": str(self.root), "LAB_TARGET": "local"})
        self.running = server.start(self.root, target.DEFAULT_REGION)
        os.environ.update(target.environment())
        return self.running

    def client(self, service: str) -> Any:
        """Return a client that neither repeats a request nor waits long for an answer."""
        config = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=10)
        return boto3.Session().client(service, endpoint_url=os.environ["AWS_ENDPOINT_URL"], config=config)

    def prepare(self) -> None:
        """Make what is written to."""
        for bucket in (OBJECTS, DIRECT, STREAMED):
            region = {"LocationConstraint": target.DEFAULT_REGION}
            self.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=region)
        for table in (NAME, f"{NAME}-rule"):
            self.client("dynamodb").create_table(
                TableName=table,
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
        kinesis = self.client("kinesis")
        kinesis.create_stream(StreamName=NAME, ShardCount=2)
        kinesis.get_waiter("stream_exists").wait(StreamName=NAME, WaiterConfig={"Delay": 1})
        self.client("sqs").create_queue(QueueName=NAME)
        self.client("logs").create_log_group(logGroupName=NAME)
        self.client("logs").create_log_stream(logGroupName=NAME, logStreamName=NAME)
        self._prepare_deliveries()
        self._prepare_device()

    def _prepare_deliveries(self) -> None:
        actions = ("s3:PutObject", "kinesis:DescribeStream", "kinesis:ListShards", "kinesis:GetShardIterator")
        role = account.role("firehose.amazonaws.com", [Statement(a) for a in (*actions, "kinesis:GetRecords")])
        arn = f"arn:aws:kinesis:{target.DEFAULT_REGION}:000000000000:stream/{NAME}"
        newline = {"ParameterName": "Delimiter", "ParameterValue": "\\n"}
        for bucket in (DIRECT, STREAMED):
            source = {
                "DeliveryStreamType": "KinesisStreamAsSource",
                "KinesisStreamSourceConfiguration": {"KinesisStreamARN": arn, "RoleARN": role},
            }
            self.client("firehose").create_delivery_stream(
                DeliveryStreamName=bucket,
                ExtendedS3DestinationConfiguration={
                    "RoleARN": role,
                    "BucketARN": f"arn:aws:s3:::{bucket}",
                    "BufferingHints": {"IntervalInSeconds": 2, "SizeInMBs": 1},
                    "ProcessingConfiguration": {
                        "Enabled": True,
                        "Processors": [{"Type": "AppendDelimiterToRecord", "Parameters": [newline]}],
                    },
                },
                **(source if bucket == STREAMED else {}),
            )

    def _prepare_device(self) -> None:
        iot = self.client("iot")
        role = account.role("iot.amazonaws.com", [Statement("dynamodb:PutItem")])
        action = {"dynamoDBv2": {"roleArn": role, "putItem": {"tableName": f"{NAME}-rule"}}}
        iot.create_topic_rule(ruleName=NAME, topicRulePayload={"sql": f"SELECT * FROM '{NAME}'", "actions": [action]})
        made = iot.create_keys_and_certificate(setAsActive=True)
        allowed = {"Effect": "Allow", "Action": "iot:*", "Resource": "*"}
        iot.create_policy(policyName=NAME, policyDocument=account.document(allowed))
        iot.attach_policy(policyName=NAME, target=made["certificateArn"])
        self._device = self.root / "device.pem", self.root / "device.key"
        self._device[0].write_text(made["certificatePem"])
        self._device[1].write_text(made["keyPair"]["PrivateKey"])

    def connect(self) -> mqtt.Client:
        """Return a connected device."""
        assert self.running is not None
        assert self._device is not None
        context = ssl.create_default_context(cafile=self.running.ca_file)
        context.load_cert_chain(*self._device)
        device = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=NAME)
        device.tls_set_context(context)
        device.connect(self.running.mqtt_host, self.running.mqtt_port)
        device.loop_start()
        return device

    def writers(self) -> dict[str, Callable[[], Write]]:
        """Return for each service what makes a writer: it writes one id and returns when that is acknowledged."""
        return {
            "s3": self._s3,
            "dynamodb": self._dynamodb,
            "kinesis": self._kinesis,
            "sqs": self._sqs,
            "firehose": self._firehose,
            "iot": self._iot,
            "logs": self._logs,
            "cloudwatch": self._cloudwatch,
        }

    def _s3(self) -> Write:
        client = self.client("s3")
        return lambda text: client.put_object(Bucket=OBJECTS, Key=text, Body=b"x")

    def _dynamodb(self) -> Write:
        client = self.client("dynamodb")
        return lambda text: client.put_item(TableName=NAME, Item={"id": {"S": text}})

    def _kinesis(self) -> Write:
        client = self.client("kinesis")
        return lambda text: client.put_record(StreamName=NAME, PartitionKey=text, Data=text.encode())

    def _sqs(self) -> Write:
        client = self.client("sqs")
        url = client.get_queue_url(QueueName=NAME)["QueueUrl"]
        return lambda text: client.send_message(QueueUrl=url, MessageBody=text)

    def _firehose(self) -> Write:
        client = self.client("firehose")
        return lambda text: client.put_record(DeliveryStreamName=DIRECT, Record={"Data": text.encode()})

    def _logs(self) -> Write:
        client = self.client("logs")

        def write(text: str) -> None:
            event = {"timestamp": int(time.time() * 1000), "message": text}
            client.put_log_events(logGroupName=NAME, logStreamName=NAME, logEvents=[event])

        return write

    def _cloudwatch(self) -> Write:
        client = self.client("cloudwatch")
        return lambda text: client.put_metric_data(Namespace=NAME, MetricData=[{"MetricName": text, "Value": 1}])

    def _iot(self) -> Write:
        device = self.connect()

        def write(text: str) -> None:
            sent = device.publish(NAME, json.dumps({"id": text}), qos=1)
            sent.wait_for_publish(ACK_SECONDS)
            if not sent.is_published():
                device.loop_stop()
                raise ConnectionError("no PUBACK")

        return write
