"""The one door to the embedded AWS: starts it as a background process, says whether it runs, stops it, empties it."""

from __future__ import annotations

import fcntl
import ipaddress
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab import ports
from lab.errors import LabError
from lab.local.paths import Paths, read, write_private

LOOPBACK = "127.0.0.1"
READY_SECONDS = 60
STOP_SECONDS = 15
LOCK_POLL_SECONDS = 0.05
PREFERRED_PORTS = {"http": 4566, "mqtt": 8883}


@dataclass(frozen=True)
class Running:
    """An embedded AWS that answers.

    endpoint: http URL on loopback; mqtt_host, mqtt_port: mutual TLS listener; ca_file: its authority;
    mqtt_bind: the address that it listens on beside loopback; started: Unix seconds; seconds: how long the start took
    (0 when it ran already).
    """

    pid: int
    endpoint: str
    region: str
    account: str
    mqtt_host: str
    mqtt_port: int
    ca_file: str
    version: str
    started: float
    seconds: float = 0.0
    mqtt_bind: str = LOOPBACK


def start(root: Path, region: str, mqtt_bind: str = LOOPBACK) -> Running:
    """Start the embedded AWS, or return the one that runs; it answers when this returns.

    Parameters: root, the state folder; region, such as ``ap-northeast-1``; mqtt_bind, an address of this computer on
    which MQTT, and nothing else, is served beside loopback, so that a board on the network reaches it.
    Raises: LabError when it does not come up, with the end of its log, or is of another region, or runs with MQTT
    elsewhere.
    """
    _check_bind(mqtt_bind)
    paths = Paths(root.resolve())
    paths.create()
    with _starting(paths):
        running = status(root)
        if running is not None:
            _check_region(running.region, region)
            if mqtt_bind not in (LOOPBACK, running.mqtt_bind):
                raise LabError(
                    f"The embedded AWS runs already, with MQTT on {running.mqtt_bind}.",
                    f"Run `lab down`, then `lab up --lan {mqtt_bind}`.",
                )
            return running
        began = time.monotonic()
        _launch(paths, region, mqtt_bind)
        document = read(paths.run)
        if document is None:
            raise LabError("The embedded AWS came up without saying where.", f"Read {paths.log}.")
        return Running(**document, seconds=time.monotonic() - began)


def status(root: Path) -> Running | None:
    """Return the embedded AWS that runs on a state folder, or None."""
    paths = Paths(root.resolve())
    if not paths.lock.exists() or _lock_is_free(paths.lock):
        return None
    document = read(paths.run)
    return Running(**document) if document else None


def required(root: Path) -> Running:
    """Return the embedded AWS that runs on a state folder.

    Raises: LabError when none does.
    """
    running = status(root)
    if running is None:
        raise LabError("The embedded AWS is not running.", "Run `lab up`.")
    return running


def environment(root: Path) -> dict[str, str]:
    """Return the variables with which any AWS client reaches the embedded AWS of a state folder.

    Raises: LabError when it does not run, or has no credentials for this person.
    """
    running = required(root)
    key = read(Paths(root).credentials)
    if key is None:
        raise LabError("The embedded AWS has no credentials for you.", "Run `lab down`, then `lab up`.")
    return {
        "AWS_ENDPOINT_URL": running.endpoint,
        "AWS_ACCESS_KEY_ID": key["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": key["secret_access_key"],
        "AWS_REGION": running.region,
        "AWS_DEFAULT_REGION": running.region,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def stop(root: Path) -> bool:
    """Stop the embedded AWS: snapshot first, force after a deadline. Returns whether one ran."""
    paths = Paths(root.resolve())
    running = status(root)
    if running is None:
        paths.run.unlink(missing_ok=True)
        return False
    os.kill(running.pid, signal.SIGTERM)
    if not _lock_freed_within(paths.lock, STOP_SECONDS):
        os.killpg(running.pid, signal.SIGKILL)
        _lock_freed_within(paths.lock, STOP_SECONDS)
    paths.run.unlink(missing_ok=True)
    return True


def reset(root: Path) -> None:
    """Stop the embedded AWS and remove everything that it kept; chosen ports stay."""
    stop(root)
    paths = Paths(root.resolve())
    shutil.rmtree(paths.root / "aws", ignore_errors=True)
    for file in (paths.credentials, paths.ca, paths.log):
        file.unlink(missing_ok=True)


def _check_bind(address: str) -> None:
    """Refuse what is not one address of this computer: a board checks the broker's address against its certificate."""
    try:
        known = ipaddress.IPv4Address(address)
        with socket.socket() as probe:
            probe.bind((address, 0))
    except (ValueError, OSError):
        known = None
    if known is None or known.is_unspecified:
        raise LabError(
            f"{address} is not an address of this computer.", "Give one that `ip address` shows, such as 192.168.1.20."
        )


@contextmanager
def _starting(paths: Paths) -> Iterator[None]:
    """Let one start at a time work on a state folder."""
    with (paths.root / "start.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _settings(paths: Paths, region: str) -> dict[str, str | int]:
    """Return the ports and the region of this state folder: as remembered, moved where something else listens."""
    remembered = read(paths.settings) or {}
    _check_region(str(remembered.get("region", region)), region)
    chosen = {name: ports.free(remembered.get(name, preferred)) for name, preferred in PREFERRED_PORTS.items()}
    settings: dict[str, str | int] = {"region": region, **chosen}
    write_private(paths.settings, settings)
    return settings


def _check_region(made_for: str, region: str) -> None:
    """Refuse another region than that of what the state folder holds: its resources are there."""
    if made_for != region:
        raise LabError(
            f"This embedded AWS was made for region {made_for}, not {region}.",
            f"Set AWS_REGION={made_for}, or run `lab reset` to begin anew.",
        )


def _launch(paths: Paths, region: str, mqtt_bind: str) -> None:
    """Start the background process; once more when another program took one of its ports in between."""
    settings = _settings(paths, region)
    try:
        _wait_until_ready(*_spawn(paths, settings, mqtt_bind), paths)
    except LabError:
        if all(ports.free(int(settings[name])) == settings[name] for name in PREFERRED_PORTS):
            raise
        _wait_until_ready(*_spawn(paths, _settings(paths, region), mqtt_bind), paths)


def _spawn(paths: Paths, settings: dict[str, str | int], mqtt_bind: str) -> tuple[subprocess.Popen[bytes], int]:
    """Start the background process. Returns it and the pipe on which it says that it is ready."""
    reader, writer = os.pipe()
    command = [
        *(sys.executable, "-m", "lab.local.process"),
        *("--root", str(paths.root), "--region", str(settings["region"])),
        *("--http-port", str(settings["http"]), "--mqtt-port", str(settings["mqtt"])),
        *("--mqtt-bind", mqtt_bind, "--ready-fd", str(writer)),
    ]
    paths.run.unlink(missing_ok=True)
    with paths.log.open("ab") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=[writer], start_new_session=True
        )
    os.close(writer)
    return process, reader


def _wait_until_ready(process: subprocess.Popen[bytes], ready: int, paths: Paths) -> None:
    """Wait for the process's word; its end or silence is an error that carries the log's last lines."""
    with selectors.DefaultSelector() as selector, os.fdopen(ready, "rb") as pipe:
        selector.register(pipe, selectors.EVENT_READ)
        word = pipe.read() if selector.select(READY_SECONDS) else b""
    if word == b"ready":
        return
    process.kill()
    process.wait()
    lines = paths.log.read_text(errors="replace").splitlines()[-5:]
    raise LabError("The embedded AWS did not start: " + " | ".join(lines), f"The whole log: {paths.log}")


def _lock_is_free(lock: Path) -> bool:
    """Tell whether no process holds the lock."""
    with lock.open("r") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return False
    return True


def _lock_freed_within(lock: Path, seconds: float) -> bool:
    """Wait until the process has let go of its lock. Returns whether it did in time.

    The kernel offers no timed flock and no portable event for another program's end, hence the poll.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if _lock_is_free(lock):
            return True
        time.sleep(LOCK_POLL_SECONDS)
    return False
