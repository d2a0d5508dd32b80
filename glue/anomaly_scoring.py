"""New curated readings get an anomaly score; those above the threshold become rows of ``device_anomalies``.

One file, deployed as it is: the script of a Python shell job of AWS Glue (Python 3.9 with the library set
"analytics"). It needs boto3, NumPy and PyArrow, and nothing of this repository. The detector is the one of the board
and of lab/detector.py, operation by operation; a test holds them equal.

Each device's readings are scored once, in the order of their event times, by a detector whose state is kept between
runs. A run first records which objects it will write (*pending*), writes them, and then moves the *state* on. Whatever
kills it, the next run begins from the same state under the same run id, writes the same objects again and removes
those that it does not.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import io
import json
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import boto3
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from botocore.exceptions import BotoCoreError, ClientError

DETECTOR = "streaming"
AHEAD_US = 300_000_000  # a reading may be this much newer than the clock; beyond, it waits for its time
MICROS = 1_000_000
DAY = re.compile(r"year=(\d{4})/month=(\d{2})/day=(\d{2})/[^/]+\.parquet")
COUNTS = ("read", "scored", "learning", "anomalies", "late", "waiting", "repeated")
PLACES = {
    "SOURCE_S3": "curated readings, Parquet below year=/month=/day=",
    "TARGET_S3": "the anomalies, in the same folders",
    "MODEL_S3": "registered models; current.json names the promoted one",
    "CHECKPOINT_S3": "the detectors' state; one job only",
    "METRICS_S3": "one JSON object a run",
}
ROWS = pa.schema(
    [
        ("device_id", pa.string()),
        ("event_time", pa.timestamp("us", tz="UTC")),
        ("detector", pa.string()),
        ("model_version", pa.string()),
        ("temperature", pa.float64()),
        ("score", pa.float64()),
        ("threshold", pa.float64()),
        ("kind", pa.string()),
        ("explanation", pa.string()),
        ("run_id", pa.string()),
    ]
)

# ---------------------------------------------------------------- the detector; see lab/detector.py
F = np.float32
ZERO = F(0.0)
HOURS = 24
CLIP = F(50.0)
HALF = F(10.0)
SPAN_SHARE = F(0.001)
LEAST = F(1e-6)
USUAL_LEAST = F(0.05)
COUNT_LIMIT = 0xFFFF
LARGEST = F(1e12)


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, np.floating) else value


@dataclass(frozen=True)
class Settings:
    """What the detector ships with; a promoted model replaces it."""

    level_rate: float = 0.008
    spread_rate: float = 0.0016
    profile_rate: float = 0.008
    surprise_rate: float = 0.01
    range_weight: float = 110.0
    short_count: int = 8
    warm_up: int = 288
    hold_off: int = 144
    threshold: float = 0.32


@dataclass
class Detector:
    """One detector of one device."""

    settings: Settings
    level: np.float32 = ZERO
    spread: np.float32 = ZERO
    profile: list[np.float32] = field(default_factory=lambda: [ZERO] * HOURS)
    profile_count: list[int] = field(default_factory=lambda: [0] * HOURS)
    short_mean: np.float32 = ZERO
    usual: np.float32 = ZERO
    usual_spread: np.float32 = ZERO
    low: np.float32 = ZERO
    high: np.float32 = ZERO
    held: np.float32 = ZERO
    held_age: int = 0
    count: int = 0

    @classmethod
    def of(cls, settings: Settings, kept: dict[str, Any]) -> Detector:
        """Return a detector that goes on where a kept one stopped."""
        made = cls(settings)
        for name, value in kept.items():
            whole = name in ("profile_count", "held_age", "count")
            made.__dict__[name] = value if whole else [F(v) for v in value] if name == "profile" else F(value)
        return made

    def kept(self) -> dict[str, Any]:
        """Return the state for JSON: a float32 survives as a double."""
        state = {name: value for name, value in self.__dict__.items() if name != "settings"}
        return {
            name: [_plain(v) for v in value] if isinstance(value, list) else _plain(value)
            for name, value in state.items()
        }

    def step(self, value: float, seconds: int) -> float:
        """Take one reading and return its score, 0 to 1. What is no number, or beyond +-1e12, scores 0."""
        reading = F(value)
        if not np.abs(reading) <= LARGEST:
            return 0.0
        if self.count == 0:
            self.level = self.low = self.high = reading
            self.held_age = self.settings.hold_off
        hour = (int(seconds) // 3600) % HOURS
        residual = reading - self.level - self.profile[hour]
        span = self.high - self.low
        least = span * SPAN_SHARE + LEAST
        spread = np.sqrt(self.spread) + least
        bounded = F(min(max(residual / spread, -CLIP), CLIP)) * spread
        surprise = np.abs(bounded) / spread
        novelty = max(self.low - reading, reading - self.high, ZERO) / (span + least)
        self.short_mean = self.short_mean + (surprise - self.short_mean) / F(self.settings.short_count)
        excess = self.short_mean - self.usual
        likelihood = excess / (np.sqrt(self.usual_spread) + USUAL_LEAST) if excess > 0 else ZERO
        strength = likelihood + F(self.settings.range_weight) * novelty
        self._learn(reading, hour, bounded, surprise, excess)
        if self.count <= self.settings.warm_up:
            return 0.0
        return float(self._held_off(strength / (strength + HALF)))

    def describe(self, value: float, seconds: int) -> tuple[str, str]:
        """Return kind and explanation of a reading that has not been taken yet."""
        if self.count <= self.settings.warm_up:
            return "learning", f"still learning: {self.count} of {self.settings.warm_up} readings"
        expected = float(self.level + self.profile[(int(seconds) // 3600) % HOURS])
        usual = float(np.sqrt(self.spread))
        words = [f"{value:.2f} against {expected:.2f} expected at this hour (usual distance {usual:.2f})"]
        kind = "unusual"
        if F(value) > self.high:
            kind = "above_range"
            words.append(f"{value - float(self.high):.2f} above everything seen")
        if F(value) < self.low:
            kind = "below_range"
            words.append(f"{float(self.low) - value:.2f} below everything seen")
        return kind, "; ".join(words)

    def _learn(
        self, reading: np.float32, hour: int, bounded: np.float32, surprise: np.float32, excess: np.float32
    ) -> None:
        early = F(1) / F(self.count + 1)
        usual_rate = max(early, F(self.settings.surprise_rate))
        self.level = self.level + max(early, F(self.settings.level_rate)) * bounded
        self.spread = self.spread + max(early, F(self.settings.spread_rate)) * (bounded * bounded - self.spread)
        self.usual = self.usual + usual_rate * (surprise - self.usual)
        self.usual_spread = self.usual_spread + usual_rate * (excess * excess - self.usual_spread)
        self.profile_count[hour] = min(self.profile_count[hour] + 1, COUNT_LIMIT)
        first = F(1) / F(self.profile_count[hour] + 12)
        self.profile[hour] = self.profile[hour] + max(first, F(self.settings.profile_rate)) * bounded
        self.low = min(self.low, reading)
        self.high = max(self.high, reading)
        self.count += 1

    def _held_off(self, score: np.float32) -> np.float32:
        if self.held_age < self.settings.hold_off:
            self.held_age += 1
            if score <= self.held:
                return ZERO
        self.held = score
        self.held_age = 0
        return score


# ---------------------------------------------------------------- objects in S3
class Store:
    """S3; endpoint and credentials come from the environment, as in every SDK."""

    def __init__(self) -> None:
        self._s3 = boto3.client("s3")

    @staticmethod
    def _place(url: str) -> dict[str, str]:
        bucket, _, key = url.split("://", 1)[1].partition("/")
        return {"Bucket": bucket, "Key": key}

    def list(self, prefix: str) -> list[tuple[str, str]]:
        """Return (path below the prefix, ETag) of each object, in key order."""
        place = self._place(prefix)
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=place["Bucket"], Prefix=place["Key"])
        return [
            (entry["Key"][len(place["Key"]) :], entry["ETag"]) for page in pages for entry in page.get("Contents", [])
        ]

    def read(self, url: str) -> bytes | None:
        """Return an object's bytes, None when there is none."""
        try:
            return self._s3.get_object(**self._place(url))["Body"].read()
        except self._s3.exceptions.NoSuchKey:
            return None

    def write(self, url: str, content: bytes) -> None:
        """Write an object; readers see the old or the new one."""
        self._s3.put_object(**self._place(url), Body=content)

    def delete(self, url: str) -> None:
        """Delete an object; one that is gone counts as deleted."""
        self._s3.delete_object(**self._place(url))


def document(store: Store, url: str) -> dict[str, Any] | None:
    """Return a JSON object of S3, None when there is none."""
    content = store.read(url)
    return None if content is None else json.loads(content)


# ---------------------------------------------------------------- the model
@dataclass(frozen=True)
class Model:
    """The detector's settings and their version: the first twelve hexadecimal digits of their SHA-256."""

    version: str
    settings: Settings


def model(store: Store, prefix: str) -> Model:
    """Return the promoted model below a prefix; without one, the settings that this script ships with.

    Raises: ValueError when the promoted model is not there, is not of this detector or is not what its version says.
    """
    promoted = document(store, f"{prefix}current.json")
    if promoted is None:
        return Model(version_of(dataclasses.asdict(Settings())), Settings())
    version = str(promoted["version"])
    found = document(store, f"{prefix}{version}/model.json")
    if found is None:
        raise ValueError(f"{prefix}current.json names the model {version}, which is not there")
    if found.get("detector") != DETECTOR or set(found["settings"]) != {f.name for f in dataclasses.fields(Settings)}:
        raise ValueError(f"the model {version} is not one of the {DETECTOR} detector")
    if version_of(found["settings"]) != version:
        raise ValueError(f"the model {version} was changed after it was registered")
    return Model(version, Settings(**found["settings"]))


def version_of(settings: dict[str, Any]) -> str:
    """Return the version of a detector's settings."""
    text = json.dumps({"detector": DETECTOR, "settings": settings}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


# ---------------------------------------------------------------- readings
@dataclass(frozen=True)
class Reading:
    """One curated reading. event_us: Unix microseconds; folder: the partition in which it lies."""

    device_id: str
    event_us: int
    temperature: float
    folder: str


def readings(content: bytes, folder: str) -> list[Reading]:
    """Return the readings of one Parquet object; one without a temperature has NaN."""
    table = pq.read_table(io.BytesIO(content), columns=["device_id", "event_time", "temperature"])
    times = table.column("event_time").cast(pa.timestamp("us")).cast(pa.int64()).to_pylist()
    temperatures = table.column("temperature").to_pylist()
    return [
        Reading(device, times[i], float("nan") if temperatures[i] is None else temperatures[i], folder)
        for i, device in enumerate(table.column("device_id").to_pylist())
    ]


def days(objects: list[tuple[str, str]]) -> dict[str, list[tuple[str, str]]]:
    """Return the Parquet objects of each day's folder."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path, etag in objects:
        if DAY.fullmatch(path):
            found.setdefault(path.rpartition("/")[0], []).append((path, etag))
    return found


def digest(objects: list[tuple[str, str]]) -> str:
    """Return what tells whether a day's objects are still those that were read."""
    return hashlib.sha256(json.dumps(sorted(objects)).encode()).hexdigest()[:16]


# ---------------------------------------------------------------- the run
class Run:
    """One run of the job over the objects of one model."""

    def __init__(self, args: argparse.Namespace, store: Store, now_us: int) -> None:
        self.args = args
        self.store = store
        self.now_us = now_us
        self.model = model(store, args.MODEL_S3)
        self.state_url = f"{args.CHECKPOINT_S3}{self.model.version}.state.json"
        self.pending_url = f"{args.CHECKPOINT_S3}{self.model.version}.pending.json"
        kept = document(store, self.state_url) or {"sequence": 0, "devices": {}, "days": {}}
        if args.RESCORE:
            kept = self.forget(int(kept["sequence"]) + 1)
        self.sequence = int(kept["sequence"])
        self.run_id = f"{self.model.version}-{self.sequence:08d}"
        self.devices: dict[str, Any] = kept["devices"]
        self.days: dict[str, Any] = kept["days"]
        self.replaced: list[str] = kept.get("replaced", [])
        self.counts = Counter({name: 0 for name in COUNTS})
        self.rows: dict[str, list[dict[str, Any]]] = {}

    def forget(self, sequence: int) -> dict[str, Any]:
        """Write and return a state without memory, in whose name all objects of the model are replaced."""
        own = f"/{self.model.version}-"
        replaced = [path for path, _ in self.store.list(self.args.TARGET_S3) if own in path]
        state = {"sequence": sequence, "devices": {}, "days": {}, "replaced": replaced}
        self.store.write(self.state_url, json.dumps(state).encode())
        return state

    def execute(self) -> dict[str, Any]:
        """Score, write, move the state on; return the run's metrics."""
        began = time.monotonic()
        self.score(self.fresh())
        self.publish()
        if self.counts["scored"]:
            self.sequence += 1
        metrics = {
            "job": self.args.METRICS_NAME,
            "run": self.run_id,
            "model_version": self.model.version,
            "threshold": self.model.settings.threshold,
            "started": int(time.time()),
            **self.counts,
            "devices": len(self.devices),
            "partitions": sorted(self.rows),
            "seconds": round(time.monotonic() - began, 3),
        }
        self.store.write(f"{self.args.METRICS_S3}{self.run_id}.json", json.dumps(metrics).encode())
        state = {"sequence": self.sequence, "devices": self.devices, "days": self.days}
        self.store.write(self.state_url, json.dumps(state).encode())
        return metrics

    # -- reading
    def fresh(self) -> list[Reading]:
        """Return the readings not scored yet, by device and time, of those days whose objects changed.

        Raises: RuntimeError when objects went away while they were read, time after time.
        """
        for _ in range(3):
            found = days(self.store.list(self.args.SOURCE_S3))
            changed = {day: objects for day, objects in found.items() if self.digest_of(day) != digest(objects)}
            contents = {
                path: self.store.read(self.args.SOURCE_S3 + path) for objects in changed.values() for path, _ in objects
            }
            if None not in contents.values():
                break
        else:
            raise RuntimeError("the curated objects change faster than they can be read; the next run begins here")
        fresh: list[Reading] = []
        for day, objects in sorted(changed.items()):
            rows = [row for path, _ in objects for row in readings(contents[path] or b"", day)]
            fresh += self.examine(day, rows, digest(objects))
        return sorted(fresh, key=lambda row: (row.device_id, row.event_us))

    def digest_of(self, day: str) -> str:
        """Return the digest of a day's objects when they were read last."""
        return str(self.days.get(day, {}).get("digest", ""))

    def examine(self, day: str, rows: list[Reading], found: str) -> list[Reading]:
        """Return a day's readings that are to be scored; count the late ones and those ahead of the clock."""
        due = [row for row in rows if row.event_us <= self.now_us + AHEAD_US]
        fresh = [row for row in due if row.event_us > self.through(row.device_id)]
        seen: dict[str, int] = self.days.get(day, {}).get("seen", {})
        self.counts["read"] += len(rows)
        self.counts["waiting"] += len(rows) - len(due)
        # What stands at or before the detector's time without having been seen came too late for a causal score.
        self.counts["late"] += max(0, len(due) - len(fresh) - sum(seen.values()))
        self.days[day] = {
            "digest": found if len(due) == len(rows) else "",
            "seen": dict(Counter(row.device_id for row in due)),
        }
        return fresh

    def through(self, device_id: str) -> int:
        """Return the event time up to which a device is scored."""
        return int(self.devices.get(device_id, {}).get("through_us", -(2**62)))

    # -- scoring
    def score(self, fresh: list[Reading]) -> None:
        """Score readings in order and keep the anomalies by their folder."""
        detectors: dict[str, Detector] = {}
        for row in fresh:
            if row.event_us <= self.through(row.device_id):
                self.counts["repeated"] += 1
                continue
            kept = self.devices.setdefault(row.device_id, {"through_us": row.event_us, "detector": {}})
            detector = detectors.get(row.device_id) or Detector.of(self.model.settings, kept["detector"])
            detectors[row.device_id] = detector
            kept["through_us"] = row.event_us
            self.counts["scored"] += 1
            self.counts["learning"] += detector.count < self.model.settings.warm_up
            self.take(row, detector)
        for device_id, detector in detectors.items():
            self.devices[device_id]["detector"] = detector.kept()

    def take(self, row: Reading, detector: Detector) -> None:
        """Score one reading."""
        seconds = row.event_us // MICROS
        kind, explanation = detector.describe(row.temperature, seconds)
        score = detector.step(row.temperature, seconds)
        if F(score) < F(self.model.settings.threshold):
            return
        self.counts["anomalies"] += 1
        self.rows.setdefault(row.folder, []).append(
            {
                "device_id": row.device_id,
                "event_time": row.event_us,
                "detector": DETECTOR,
                "model_version": self.model.version,
                "temperature": row.temperature,
                "score": score,
                "threshold": self.model.settings.threshold,
                "kind": kind,
                "explanation": explanation,
                "run_id": self.run_id,
            }
        )

    # -- writing
    def publish(self) -> None:
        """Write the anomalies; remove what an unfinished run, or the model before a new beginning, wrote besides."""
        mine = {f"{folder}/{self.run_id}.parquet": rows for folder, rows in self.rows.items()}
        pending = document(self.store, self.pending_url) or {}
        unfinished = pending["objects"] if pending.get("run") == self.run_id else []
        stale = {*unfinished, *self.replaced} - mine.keys()
        if not mine and not stale:
            return
        record = {"run": self.run_id, "objects": sorted({*unfinished, *mine})}
        self.store.write(self.pending_url, json.dumps(record).encode())
        for path, rows in sorted(mine.items()):
            self.store.write(self.args.TARGET_S3 + path, parquet(rows))
        for path in sorted(stale):
            self.store.delete(self.args.TARGET_S3 + path)
        register(self.args, sorted(self.rows))


def parquet(rows: list[dict[str, Any]]) -> bytes:
    """Return rows as a Parquet file."""
    sink = io.BytesIO()
    columns = {field_.name: pa.array([row[field_.name] for row in rows], field_.type) for field_ in ROWS}
    pq.write_table(pa.table(columns, schema=ROWS), sink, compression="snappy")
    return sink.getvalue()


def register(args: argparse.Namespace, folders: list[str]) -> None:
    """Tell the catalog of the days; those it knows stay as they are.

    Raises: RuntimeError with the catalog's words when it refuses one.
    Source: https://docs.aws.amazon.com/glue/latest/webapi/API_BatchCreatePartition.html
    """
    if not args.DATABASE or not folders:
        return
    glue = boto3.client("glue")
    storage = glue.get_table(DatabaseName=args.DATABASE, Name=args.TABLE)["Table"]["StorageDescriptor"]
    inputs = [
        {
            "Values": [part.partition("=")[2] for part in folder.split("/")],
            "StorageDescriptor": {**storage, "Location": f"{args.TARGET_S3}{folder}/"},
        }
        for folder in folders
    ]
    for start in range(0, len(inputs), 100):
        answer = glue.batch_create_partition(
            DatabaseName=args.DATABASE, TableName=args.TABLE, PartitionInputList=inputs[start : start + 100]
        )
        refused = [
            error
            for error in answer.get("Errors", [])
            if error["ErrorDetail"]["ErrorCode"] not in ("AlreadyExistsException", "AlreadyExists")
        ]
        if refused:
            raise RuntimeError(f"the catalog refused {len(refused)} partitions, the first with {refused[0]}")


def tell_cloudwatch(args: argparse.Namespace, counts: dict[str, Any]) -> str:
    """Send the run's counts to CloudWatch; return "sent" or why not: the data are safe by then.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
    """
    if not args.METRICS_NAMESPACE:
        return "off"
    data = [
        {
            "MetricName": name.capitalize(),
            "Dimensions": [{"Name": "JobName", "Value": args.METRICS_NAME}],
            "Value": counts[name],
            "Unit": "Count",
        }
        for name in COUNTS
    ]
    try:
        boto3.client("cloudwatch").put_metric_data(Namespace=args.METRICS_NAMESPACE, MetricData=data)
    except (BotoCoreError, ClientError) as error:
        print(f"CloudWatch took no metrics: {error}", file=sys.stderr, flush=True)
        return str(error)
    return "sent"


def arguments(argv: list[str]) -> argparse.Namespace:
    """Return the job's arguments; Glue's own ones are passed over.

    Raises: SystemExit with the usage when one is missing or wrong.
    """
    parser = argparse.ArgumentParser(description="scores new curated readings", allow_abbrev=False)
    # A name of our own: --JOB_NAME is internal to Glue, which does not say that a Python shell job is told it.
    parser.add_argument("--METRICS_NAME", default="anomaly-scoring", help="the dimension JobName of the metrics")
    for name, meaning in PLACES.items():
        parser.add_argument(f"--{name}", type=_prefix, required=True, help=meaning)
    parser.add_argument("--DATABASE", default="", help="of the catalog; empty: tell no catalog")
    parser.add_argument("--TABLE", default="device_anomalies")
    parser.add_argument("--METRICS_NAMESPACE", default="AnomalyScoring", help="of CloudWatch; empty: none")
    parser.add_argument("--RESCORE", type=_flag, default=False, help="true: forget this model's state and begin anew")
    return parser.parse_known_args(argv)[0]


def _prefix(text: str) -> str:
    if not re.fullmatch(r"s3://[a-z0-9.-]+/.+", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no place such as s3://bucket/prefix/")
    return text.rstrip("/") + "/"


def _flag(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise argparse.ArgumentTypeError(f"{text!r} is neither true nor false")
    return text.lower() == "true"


def main(argv: list[str]) -> None:
    """Run the job once."""
    args = arguments(argv)
    metrics = Run(args, Store(), int(time.time() * MICROS)).execute()
    print(f"summary {json.dumps({**metrics, 'cloudwatch': tell_cloudwatch(args, metrics)})}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
