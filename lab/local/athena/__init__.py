"""Athena: SQL of Trino over the Glue catalogue, answered by DuckDB."""
