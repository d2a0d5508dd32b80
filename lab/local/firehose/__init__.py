"""Amazon Data Firehose: delivery streams into S3, from Kinesis or put directly."""

from __future__ import annotations

from lab.local.firehose.service import Firehose

__all__ = ["Firehose"]
