"""What a run says, in CloudWatch Logs while it says it: one stream a run in the groups ``output`` and ``error``.

Source: https://docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

NAMES: Final = ("output", "error")
MOST_EVENTS: Final = 1000
MOST_BYTES: Final = 1_000_000
EVENT_BYTES: Final = 26
LONGEST_LINE: Final = 200_000


class LogStreams:
    """The streams of one run.

    Parameters: client, of CloudWatch Logs under the job's role; prefix, such as ``/aws-glue/jobs``; stream, the run's
    id; folder, where the process writes the files ``output`` and ``error``; now, Unix seconds. A refusal does not fail
    the run: ``refused`` tells it, and nothing more is sent.
    """

    def __init__(self, client: Any, prefix: str, stream: str, folder: Path, now: Callable[[], float]) -> None:
        self._client = client
        self._groups = {name: f"{prefix}/{name}" for name in NAMES}
        self._stream = stream
        self._folder = folder
        self._now = now
        self._offsets = dict.fromkeys(NAMES, 0)
        self._begun = False
        self.refused = ""

    def ship(self) -> None:
        """Send the lines that are complete."""
        for name in NAMES:
            content = self._rest(name)
            self._send(name, content[: content.rfind(b"\n") + 1])

    def finish(self) -> None:
        """Send all that is left."""
        for name in NAMES:
            self._send(name, self._rest(name))

    def _rest(self, name: str) -> bytes:
        path = self._folder / name
        if not path.exists():
            return b""
        with path.open("rb") as file:
            file.seek(self._offsets[name])
            return file.read()

    def _send(self, name: str, content: bytes) -> None:
        if self.refused:
            return
        try:
            self._begin()
            for batch in _batches(content.decode(errors="replace")):
                now = int(self._now() * 1000)
                events = [{"timestamp": now, "message": line} for line in batch]
                self._client.put_log_events(
                    logGroupName=self._groups[name], logStreamName=self._stream, logEvents=events
                )
        except self._client.exceptions.ClientError as error:
            self.refused = str(error)
        self._offsets[name] += len(content)

    def _begin(self) -> None:
        if self._begun:
            return
        for group in self._groups.values():
            with suppress(self._client.exceptions.ResourceAlreadyExistsException):
                self._client.create_log_group(logGroupName=group)
            with suppress(self._client.exceptions.ResourceAlreadyExistsException):
                self._client.create_log_stream(logGroupName=group, logStreamName=self._stream)
        self._begun = True


def _batches(text: str) -> Iterator[list[str]]:
    """Return the lines as PutLogEvents takes them: at most so many, at most so many bytes, none of them empty."""
    batch: list[str] = []
    size = 0
    for line in text.splitlines():
        for first in range(0, len(line), LONGEST_LINE):
            piece = line[first : first + LONGEST_LINE]
            weight = len(piece.encode()) + EVENT_BYTES
            if batch and (len(batch) == MOST_EVENTS or size + weight > MOST_BYTES):
                yield batch
                batch, size = [], 0
            batch.append(piece)
            size += weight
    if batch:
        yield batch
