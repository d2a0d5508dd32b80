"""Spark on this computer: its settings, and the archive that lets it start in half the time."""
