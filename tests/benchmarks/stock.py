"""MiniStack as it comes, without our launcher: the baseline. Objects as files, no signatures checked."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab import ports

WAIT_SECONDS = 60.0


@dataclass(frozen=True)
class Stock:
    """A running stock MiniStack. mqtt_port: of mutual TLS; seconds: until it answered."""

    endpoint: str
    mqtt_port: int
    pid: int
    seconds: float


@contextmanager
def stock(folder: Path, region: str) -> Iterator[Stock]:
    """Run stock MiniStack for a while. Parameters: folder, for its files."""
    http, mqtt = ports.free(0), ports.free(0)
    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LAB_"))},
        "GATEWAY_PORT": str(http),
        "BIND_HOST": "127.0.0.1",
        "IOT_MTLS_PORT": str(mqtt),
        "PERSIST_STATE": "1",
        "S3_PERSIST": "1",
        "STATE_DIR": str(folder / "state"),
        "S3_DATA_DIR": str(folder / "objects"),
        "TMPDIR": str(folder),
        "MINISTACK_REGION": region,
        "LOG_LEVEL": "WARNING",
        "SFTP_ENABLED": "0",
    }
    began = time.perf_counter()
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("ministack"))],
        env=variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        for port in (http, mqtt):
            listening(port)
        yield Stock(f"http://127.0.0.1:{http}", mqtt, process.pid, time.perf_counter() - began)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def listening(port: int) -> None:
    """Return when a port answers. Raises: TimeoutError when it does not."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError(f"nothing listens on port {port}")
