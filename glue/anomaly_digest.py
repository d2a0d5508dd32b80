"""The day's anomalies in one message to an SNS topic.

One file, deployed as it is: the script of a Python shell job of AWS Glue (Python 3.9 with the library set
"analytics"). It needs boto3 and PyArrow, and nothing of this repository.

A day's message is sent once: what was sent is kept as an object of that day. Only a run that is killed between sending
and keeping sends it again.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import json
import re
import sys
from typing import Any

import boto3
import pyarrow.parquet as pq

MOST_LINES = 20
COLUMNS = ["device_id", "event_time", "model_version", "score", "kind", "explanation"]


def anomalies(place: tuple[str, str], day: dt.date, version: str) -> list[dict[str, Any]]:
    """Return one day's rows of ``device_anomalies``, the highest score first.

    Parameters: place, bucket and prefix of the table; version, of the model whose rows count; empty: of every model.
    """
    s3 = boto3.client("s3")
    bucket, prefix = place
    folder = f"{prefix}year={day:%Y}/month={day:%m}/day={day:%d}/"
    rows: list[dict[str, Any]] = []
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder):
        for entry in page.get("Contents", []):
            content = s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
            rows += pq.read_table(io.BytesIO(content), columns=COLUMNS).to_pylist()
    chosen = [row for row in rows if not version or row["model_version"] == version]
    return sorted(chosen, key=lambda row: (-row["score"], row["device_id"], row["event_time"]))


def message(day: dt.date, rows: list[dict[str, Any]]) -> tuple[str, str]:
    """Return subject and text: how many anomalies, of which devices, and the strongest in words."""
    devices: dict[str, int] = {}
    for row in rows:
        devices[row["device_id"]] = devices.get(row["device_id"], 0) + 1
    if not rows:
        return f"{day}: no anomalies", f"No reading of {day} was unusual."
    count = "1 anomaly" if len(rows) == 1 else f"{len(rows)} anomalies"
    lines = [f"{count} on {day}.", ""]
    lines += [f"{device}: {number}" for device, number in sorted(devices.items(), key=lambda item: (-item[1], item[0]))]
    lines += ["", "The strongest:"]
    for row in rows[:MOST_LINES]:
        lines.append(f"{row['event_time']:%H:%M:%S} UTC  {row['device_id']}  {row['score']:.2f}  {row['explanation']}")
    if len(rows) > MOST_LINES:
        lines.append(f"and {len(rows) - MOST_LINES} more in the table device_anomalies")
    return f"{day}: {count} on {len(devices)} device{'s' * (len(devices) > 1)}", "\n".join(lines)


def version_of(place: tuple[str, str]) -> str:
    """Return the promoted model's version, empty when none was promoted."""
    s3 = boto3.client("s3")
    bucket, prefix = place
    try:
        body = s3.get_object(Bucket=bucket, Key=f"{prefix}current.json")["Body"].read()
    except s3.exceptions.NoSuchKey:
        return ""
    return str(json.loads(body)["version"])


def send(args: argparse.Namespace, day: dt.date) -> str:
    """Send a day's message unless it was sent; return its subject or "sent before"."""
    s3 = boto3.client("s3")
    bucket, prefix = args.RECORD_S3
    place = {"Bucket": bucket, "Key": f"{prefix}{day}.json"}
    try:
        s3.get_object(**place)
        return "sent before"
    except s3.exceptions.NoSuchKey:
        pass
    subject, text = message(day, anomalies(args.TARGET_S3, day, version_of(args.MODEL_S3)))
    boto3.client("sns").publish(TopicArn=args.TOPIC_ARN, Subject=subject[:100], Message=text)
    s3.put_object(**place, Body=json.dumps({"subject": subject, "text": text}).encode())
    return subject


def arguments(argv: list[str]) -> argparse.Namespace:
    """Return the job's arguments; Glue's own ones are passed over.

    Raises: SystemExit with the usage when one is missing or wrong.
    """
    parser = argparse.ArgumentParser(description="a day's anomalies in one message", allow_abbrev=False)
    parser.add_argument("--TARGET_S3", type=_place, required=True, help="the anomalies, below year=/month=/day=")
    parser.add_argument("--MODEL_S3", type=_place, required=True, help="current.json names the model that counts")
    parser.add_argument("--RECORD_S3", type=_place, required=True, help="what was sent, an object a day")
    parser.add_argument("--TOPIC_ARN", required=True)
    parser.add_argument(
        "--UTC_OFFSET_HOURS", type=int, default=9, help="of the days, as the curated table divides them"
    )
    parser.add_argument("--DAY", type=dt.date.fromisoformat, help="YYYY-MM-DD; without it, yesterday")
    return parser.parse_known_args(argv)[0]


def _place(text: str) -> tuple[str, str]:
    found = re.fullmatch(r"s3://([a-z0-9.-]+)/(.+)", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is no place such as s3://bucket/prefix/")
    return found.group(1), found.group(2).rstrip("/") + "/"


def main(argv: list[str]) -> None:
    """Run the job once."""
    args = arguments(argv)
    now = dt.datetime.now(dt.timezone(dt.timedelta(hours=args.UTC_OFFSET_HOURS)))
    day = args.DAY or now.date() - dt.timedelta(days=1)
    print(f"{day}: {send(args, day)}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
