"""Glue's catalog beyond MiniStack, which keeps databases, tables and partitions: their names, filters and pages."""
