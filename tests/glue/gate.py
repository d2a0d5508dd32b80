"""A gate before the embedded AWS: it sees what S3 is asked, and ends a process at the request that a test names."""

from __future__ import annotations

import http.client
import os
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, NamedTuple
from urllib.parse import unquote, urlparse

HOP: Final = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}


@dataclass(frozen=True)
class Moment:
    """When to kill. verb, path and body: of the request, the last two as regular expressions.

    done: after the request's work, or before it.
    """

    verb: str
    path: str
    body: bytes = b""
    done: bool = True


class Seen(NamedTuple):
    """A request that passed. kind: LIST, COPY or the verb; listed: how many keys the answer showed."""

    kind: str
    path: str
    listed: int


class Gate:
    """Passes requests on to an endpoint. endpoint: its own URL; struck: set when the moment came."""

    def __init__(self, behind: str) -> None:
        self._behind = urlparse(behind)
        self._moment: Moment | None = None
        self._process = 0
        self.struck = threading.Event()
        self.seen: list[Seen] = []
        gate = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else the body waits 40 ms for the head to be acknowledged

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

            def handle_one(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                gate.strike(self.command, self.path, body, done=False)
                answer, content = gate.ask(self.command, self.path, dict(self.headers), body)
                gate.seen.append(seen(self.command, self.path, "x-amz-copy-source" in self.headers, content))
                gate.strike(self.command, self.path, body, done=True)
                self.send_response_only(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in HOP:
                        self.send_header(name, value)
                length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
                self.send_header("Content-Length", length or "0")
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_one  # noqa: N815

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: Any, client_address: Any) -> None:
                """The killed process closes its connections: no fault of the gate."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def arm(self, moment: Moment | None, process: int) -> None:
        """Kill the group of this process at the moment."""
        self.struck.clear()
        self._process, self._moment = process, moment

    def disarm(self) -> None:
        """Let every request pass; whether the moment came stays known."""
        self._moment = None

    def strike(self, verb: str, path: str, body: bytes, *, done: bool) -> None:
        """Kill when the request is the one."""
        moment = self._moment
        if moment is None or self.struck.is_set() or (verb, done) != (moment.verb, moment.done):
            return
        if re.search(moment.path, unquote(path)) and re.search(moment.body, body):
            self.struck.set()
            os.killpg(self._process, signal.SIGKILL)

    def ask(self, verb: str, path: str, headers: dict[str, str], body: bytes) -> tuple[Any, bytes]:
        """Return the endpoint's answer; the Host header stays, for it is signed."""
        connection = http.client.HTTPConnection(self._behind.hostname or "", self._behind.port, timeout=60)
        try:
            connection.request(
                verb, path, body, {k: v for k, v in headers.items() if k.lower() not in ("connection", "expect")}
            )
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def close(self) -> None:
        """End."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(60)


def seen(verb: str, path: str, copies: bool, answer: bytes) -> Seen:
    """Return a request as S3's price list has it."""
    listing = verb == "GET" and "list-type=" in path
    kind = "LIST" if listing else "COPY" if copies else "DELETE" if path.endswith("?delete") else verb
    return Seen(kind, unquote(urlparse(path).path), answer.count(b"<Key>") if listing else 0)


@contextmanager
def gate(behind: str) -> Iterator[Gate]:
    """Run a gate before an endpoint."""
    made = Gate(behind)
    try:
        yield made
    finally:
        made.close()
