"""A stretch of network between a device and its broker that can fail on demand: cut, gone, or silently swallowing."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from typing import Final

CHUNK: Final = 65_536
_RESET: Final = struct.pack("ii", 1, 0)  # SO_LINGER: close with a reset, as a router that forgot the connection does


class Relay:
    """Passes bytes between a device and a broker over TCP; TLS goes through untouched.

    Parameters: host, port of the broker. Use it as a context manager; ``port`` is where the device connects.

    broker_gone: new connections are reset. swallow_up, swallow_down: bytes to or from the broker vanish while both ends
    believe that the connection stands, as in a half-open connection.
    """

    host: Final = "127.0.0.1"

    def __init__(self, host: str, port: int) -> None:
        self.broker_gone = False
        self.swallow_up = False
        self.swallow_down = False
        self._broker = (host, port)
        self._listener = socket.create_server((self.host, 0))
        self.port: int = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._ends: set[socket.socket] = set()
        self._pumps: list[threading.Thread] = []
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    @property
    def swallows(self) -> bool:
        """Whether an answer may never come."""
        return self.swallow_up or self.swallow_down

    def cut(self) -> None:
        """Reset every connection that stands."""
        with self._lock:
            ends, self._ends = self._ends, set()
        for end in ends:
            _reset(end)

    def close(self) -> None:
        """Stop; no thread is left."""
        self.broker_gone = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._acceptor.join()
        self.cut()
        for thread in self._pumps:
            thread.join()

    def __enter__(self) -> Relay:
        """Return itself: it listens already."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                device, _ = self._listener.accept()
            except OSError:
                return
            self._join(device)

    def _join(self, device: socket.socket) -> None:
        """Connect a device's connection to the broker, unless the broker is gone."""
        try:
            if self.broker_gone:
                raise ConnectionError
            broker = socket.create_connection(self._broker)
        except OSError:
            _reset(device)
            return
        with self._lock:
            self._ends |= {device, broker}
        for ends in ((device, broker, True), (broker, device, False)):
            pump = threading.Thread(target=self._pump, args=ends, daemon=True)
            self._pumps.append(pump)
            pump.start()

    def _pump(self, source: socket.socket, sink: socket.socket, up: bool) -> None:
        """Pass bytes one way until the source ends; an end that breaks breaks the other one too."""
        with contextlib.suppress(OSError):
            while data := source.recv(CHUNK):
                if not (self.swallow_up if up else self.swallow_down):
                    sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
            return
        with self._lock:
            self._ends -= {source, sink}
        _reset(source)
        _reset(sink)


def _reset(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        end.shutdown(socket.SHUT_RDWR)
    end.close()
