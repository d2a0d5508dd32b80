"""The telemetry that the lab replays: real readings of nine nodes, or the seed generator's random ones.

The file, its source and its licence are described in ``lab/data/README.md``.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas

FILE: Final = Path(__file__).resolve().parent / "data" / "nine_node_telemetry.parquet"
NODES: Final = tuple(f"node-{number}" for number in range(1, 10))
STEP_SECONDS: Final = 600
MEAN_C: Final = 22.0
SPREAD_C: Final = 3.0
MEAN_PERCENT: Final = 45.0
SPREAD_PERCENT: Final = 8.0

Reading = dict[str, Any]


def frame() -> pandas.DataFrame:
    """Return the whole data set: device_id, timestamp (Unix seconds), temperature (°C), humidity (%), 177,615 rows."""
    import pandas

    return pandas.read_parquet(FILE)


def replay(count: int, start: int = 0) -> list[Reading]:
    """Return ``count`` real readings in the order of time, from row ``start`` on.

    Raises: ValueError when the file has fewer.
    """
    import pyarrow.parquet

    rows = pyarrow.parquet.read_table(FILE)
    if start < 0 or count < 0 or start + count > rows.num_rows:
        raise ValueError(f"rows {start} to {start + count} of {rows.num_rows:,} do not exist")
    return list(rows.slice(start, count).to_pylist())


def of_device(device_id: str, count: int, start: int = 0) -> list[Reading]:
    """Return ``count`` readings of one node in the order of time, from its reading ``start`` on.

    Raises: ValueError when the file has fewer.
    """
    import pyarrow.parquet

    rows = pyarrow.parquet.read_table(FILE, filters=[("device_id", "=", device_id)])
    if start < 0 or count < 0 or start + count > rows.num_rows:
        raise ValueError(f"readings {start} to {start + count} of {rows.num_rows:,} of {device_id} do not exist")
    return list(rows.slice(start, count).to_pylist())


def renamed(readings: list[Reading], device_id: str) -> list[Reading]:
    """Return the readings as if another device had measured them."""
    return [{**reading, "device_id": device_id} for reading in readings]


def generate(seed: int, start: float, devices: int = 9, interval: float = 1.0) -> Iterator[Reading]:
    """Yield random readings without end, device after device, as a simple sensor simulator makes them.

    Parameters: seed of the generator; start, Unix seconds of the first reading; devices, how many; interval, seconds
    between two readings of one device. Equal arguments give equal readings.
    """
    chance = random.Random(seed)  # noqa: S311 - a simulation, nothing secret
    step = 0
    while True:
        for number in range(1, devices + 1):
            yield {
                "device_id": f"sim-{number:03d}",
                "timestamp": round(start + step * interval, 3),
                "temperature": round(chance.gauss(MEAN_C, SPREAD_C), 2),
                "humidity": round(min(max(chance.gauss(MEAN_PERCENT, SPREAD_PERCENT), 0.0), 100.0), 2),
            }
        step += 1
