"""Constructs of one idea each, which the stacks put together."""
