"""AWS Glue job runs: the deployed script, run by Spark or Python in a process of its own."""

from __future__ import annotations

from lab.local.jobs.service import Jobs

__all__ = ["Jobs"]
