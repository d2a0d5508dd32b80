"""AWS Glue crawlers: they look at objects and tables, and describe them in the catalogue."""

from __future__ import annotations

from lab.local.crawler.service import Crawlers

__all__ = ["Crawlers"]
