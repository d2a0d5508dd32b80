"""Judging detectors: at one shipped threshold, beside a random floor, with a proof of causality."""
