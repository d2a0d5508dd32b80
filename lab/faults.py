"""What goes wrong in a fleet, made on purpose and counted: duplicates, impossible values, broken records.

The analysis can then be held to it: each fault has to be found where it belongs, none may vanish.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lab.sensor import Record, record
from lab.telemetry import Reading

IMPOSSIBLE_C: Final = (-273.15, -127.0, 150.0, 850.0)


@dataclass(frozen=True)
class Mixture:
    """Records in the order to send, and how many of each kind are among them."""

    records: list[Record]
    good: int
    duplicates: int
    out_of_range: int
    broken: int


def mix(readings: Sequence[Reading], seed: int, duplicates: int, out_of_range: int, broken: int) -> Mixture:
    """Return the readings with faults scattered among them.

    Parameters: readings, all different; seed of the scattering; duplicates, readings sent twice; out_of_range, further
    readings of an impossible temperature; broken, records that are no JSON (cut off in transit).
    Raises: ValueError when there are fewer readings than faults of one kind.
    """
    if max(duplicates, out_of_range, broken) > len(readings):
        raise ValueError("a fault is made from a reading: there are too few readings")
    chance = random.Random(seed)  # noqa: S311 - a simulation, nothing secret
    good = [record(reading) for reading in readings]
    twice = chance.sample(good, duplicates)
    wild = [_wild(reading, chance) for reading in chance.sample(list(readings), out_of_range)]
    cut = [Record(item.key, item.data[: len(item.data) // 2]) for item in chance.sample(good, broken)]
    records = [*good, *twice, *wild, *cut]
    chance.shuffle(records)
    return Mixture(records, len(good), duplicates, out_of_range, broken)


def _wild(reading: Reading, chance: random.Random) -> Record:
    """Return a reading of half a second later with a value that no sensor in a house measures."""
    changed = {**reading, "timestamp": reading["timestamp"] + 0.5, "temperature": chance.choice(IMPOSSIBLE_C)}
    return Record(reading["device_id"], json.dumps(changed).encode())
