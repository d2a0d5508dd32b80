"""A device's identity and its twin: what a Wio Terminal is to AWS IoT, without the board."""

from __future__ import annotations

from lab.device.identity import Identity, provision
from lab.device.twin import Published, Twin, may_connect, may_publish

__all__ = ["Identity", "Published", "Twin", "may_connect", "may_publish", "provision"]
