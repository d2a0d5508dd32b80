"""The commands of the two source documents, word for word, through the AWS CLI against `lab env`."""

from __future__ import annotations

import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lab import deploy, destroy

AWS = Path(sys.executable).with_name("aws")
RULE_ERRORS = "/aws/iot/rule/attempt-iot-rule-sensor-data/errors"
CATALOG = "attempt-athena-catalog-dynamodb"


@pytest.fixture(scope="module", autouse=True)
def level1(aws: Any) -> Iterator[dict[str, str]]:
    outputs = deploy.deploy("level1").outputs
    run(
        """aws iot-data publish \\
  --topic "device/test-device-001/data" \\
  --payload '{"device_id":"test-device-001","timestamp":1640995200,"temperature":25.5,"humidity":60.2}'"""
    )
    run("aws glue start-crawler --name attempt-glue-crawler-sensor-data")
    while run("aws glue get-crawler --name attempt-glue-crawler-sensor-data")["Crawler"]["State"] != "READY":
        pass  # each turn asks the crawler anew
    yield outputs
    destroy.destroy("level1")


def run(line: str) -> Any:
    """Run a command line as a person types it, with the variables of `lab env`, and return its JSON."""
    words = shlex.split(line.replace("\\\n", " "))
    assert words[0] == "aws"
    ended = subprocess.run([str(AWS), *words[1:]], capture_output=True, text=True, check=False, env=os.environ)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout) if ended.stdout.strip() else None


def query(line: str) -> list[list[str | None]]:
    """Start a query by a command line, wait for its end and return the rows of get-query-results, names first."""
    number = run(line)["QueryExecutionId"]
    while True:
        status = run(f"aws athena get-query-execution --query-execution-id {number}")["QueryExecution"]["Status"]
        if status["State"] not in ("QUEUED", "RUNNING"):
            break
    assert status["State"] == "SUCCEEDED", status
    answer = run(f"aws athena get-query-results --query-execution-id {number}")
    return [[cell.get("VarCharValue") for cell in row["Data"]] for row in answer["ResultSet"]["Rows"]]


def test_describe_stacks_shows_the_deployed_stack() -> None:
    answer = run("aws cloudformation describe-stacks --stack-name attempt-iot-monitoring-stack")
    assert answer["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"


def test_describe_table_shows_both_keys() -> None:
    table = run("aws dynamodb describe-table --table-name attempt-dynamodb-sensor-data")["Table"]
    assert {key["AttributeName"]: key["KeyType"] for key in table["KeySchema"]} == {
        "device_id": "HASH",
        "timestamp": "RANGE",
    }
    assert {"AttributeName": "timestamp", "AttributeType": "N"} in table["AttributeDefinitions"]


def test_get_topic_rule_shows_the_rule_and_its_error_action() -> None:
    rule = run("aws iot get-topic-rule --rule-name attempt_iot_rule_sensor_data")["rule"]
    assert "device/+/data" in rule["sql"]
    assert rule["errorAction"]["cloudwatchLogs"]["logGroupName"] == RULE_ERRORS


def test_get_crawler_shows_the_daily_schedule() -> None:
    crawler = run("aws glue get-crawler --name attempt-glue-crawler-sensor-data")["Crawler"]
    assert crawler["Schedule"]["ScheduleExpression"] == "cron(0 2 * * ? *)"
    assert crawler["Targets"]["DynamoDBTargets"][0]["Path"] == "attempt-dynamodb-sensor-data"


def test_a_published_message_is_found_by_scan() -> None:
    items = run("aws dynamodb scan \\\n  --table-name attempt-dynamodb-sensor-data \\\n  --limit 10")["Items"]
    assert {"device_id": {"S": "test-device-001"}, "timestamp": {"N": "1640995200"}}.items() <= items[0].items()
    assert (items[0]["temperature"], items[0]["humidity"]) == ({"N": "25.5"}, {"N": "60.2"})


def test_the_seeds_query_runs_as_written_with_the_connectors_catalog_as_context() -> None:
    rows = query(
        """aws athena start-query-execution \\
  --query-string "SELECT * FROM \\"attempt-glue-database-sensor\\".\\"attempt_dynamodb_sensor_data\\" LIMIT 10" \\
  --result-configuration "OutputLocation=s3://attempt-s3-athena-results-000000000000-ap-northeast-1/" \\
  --work-group attempt-athena-workgroup-sensor """
        + f"--query-execution-context Catalog={CATALOG}"
    )
    assert sorted(rows[0]) == ["device_id", "humidity", "temperature", "timestamp"]
    found = dict(zip(rows[0], rows[1], strict=True))
    assert found["device_id"] == "test-device-001"
    assert [float(found[name] or "nan") for name in ("timestamp", "temperature", "humidity")] == [
        1640995200,
        25.5,
        60.2,
    ]


def test_the_same_query_without_the_connector_is_refused() -> None:
    number = run(
        """aws athena start-query-execution \\
  --query-string "SELECT * FROM \\"attempt-glue-database-sensor\\".\\"attempt_dynamodb_sensor_data\\" LIMIT 10" \\
  --work-group attempt-athena-workgroup-sensor"""
    )["QueryExecutionId"]
    while True:
        status = run(f"aws athena get-query-execution --query-execution-id {number}")["QueryExecution"]["Status"]
        if status["State"] not in ("QUEUED", "RUNNING"):
            break
    assert status["State"] == "FAILED"
    assert "DynamoDB" in status["StateChangeReason"] or "input format" in status["StateChangeReason"]


@pytest.mark.parametrize(
    "sql",
    [
        """SELECT * FROM "attempt-glue-database-sensor"."attempt_dynamodb_sensor_data"
WHERE device_id = 'test-device-001'
ORDER BY timestamp DESC
LIMIT 10;""",
        """SELECT * FROM "attempt-athena-catalog-dynamodb"."default"."attempt-dynamodb-sensor-data"
WHERE device_id = 'test-device-001'
LIMIT 10;""",
    ],
    ids=["through the crawled table", "through the connector's own schema"],
)
def test_the_first_documents_sql_examples_find_the_reading(sql: str) -> None:
    rows = query(
        f"aws athena start-query-execution --work-group attempt-athena-workgroup-sensor "
        f"--query-execution-context Catalog={CATALOG} --query-string {shlex.quote(sql)}"
    )
    assert len(rows) == 2
    assert "test-device-001" in rows[1]


def test_the_second_documents_sql_example_averages_a_day(aws: Any, level1: dict[str, str]) -> None:
    bucket = level1["ResultsBucketName"]
    body = io.BytesIO()
    pq.write_table(pa.table({"device_id": ["a", "a", "b"], "temperature": [20.0, 21.0, 30.0]}), body)
    folder = "telemetry/year=2025/month=10/day=15"
    aws.client("s3").put_object(Bucket=bucket, Key=f"{folder}/part-0.parquet", Body=body.getvalue())
    glue = aws.client("glue")
    glue.create_database(DatabaseInput={"Name": "datastreamer_example_analytics"})
    storage = {
        "Columns": [{"Name": "device_id", "Type": "string"}, {"Name": "temperature", "Type": "double"}],
        "Location": f"s3://{bucket}/telemetry/",
        "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
    }
    glue.create_table(
        DatabaseName="datastreamer_example_analytics",
        TableInput={
            "Name": "device_telemetry",
            "TableType": "EXTERNAL_TABLE",
            "StorageDescriptor": storage,
            "PartitionKeys": [{"Name": name, "Type": "string"} for name in ("year", "month", "day")],
        },
    )
    glue.create_partition(
        DatabaseName="datastreamer_example_analytics",
        TableName="device_telemetry",
        PartitionInput={
            "Values": ["2025", "10", "15"],
            "StorageDescriptor": {**storage, "Location": f"s3://{bucket}/{folder}/"},
        },
    )
    sql = """SELECT device_id, AVG(temperature) AS avg_temp
FROM device_telemetry
WHERE year='2025' AND month='10' AND day='15'
GROUP BY device_id
ORDER BY avg_temp DESC;"""
    rows = query(
        f"aws athena start-query-execution --work-group attempt-athena-workgroup-sensor "
        f"--query-execution-context Database=datastreamer_example_analytics --query-string {shlex.quote(sql)}"
    )
    assert rows == [["device_id", "avg_temp"], ["b", "30.0"], ["a", "20.5"]]
    glue.delete_database(Name="datastreamer_example_analytics")


def test_describe_log_groups_lists_the_rules_errors() -> None:
    groups = run("aws logs describe-log-groups")["logGroups"]
    assert RULE_ERRORS in [group["logGroupName"] for group in groups]


def test_a_message_that_breaks_the_rule_is_seen_by_describe_log_streams_and_by_what_logs_tail_calls() -> None:
    run(
        """aws iot-data publish --topic "device/broken/data" """
        """--payload '{"device_id":"broken","timestamp":"yesterday","temperature":1}'"""
    )
    streams = run(f"aws logs describe-log-streams --log-group-name {RULE_ERRORS}")["logStreams"]
    assert streams
    events = run(f"aws logs filter-log-events --log-group-name {RULE_ERRORS}")["events"]
    documents = [json.loads(event["message"]) for event in events]
    assert "attempt_iot_rule_sensor_data" in {document["ruleName"] for document in documents}
