"""The rules engine: SQL 2016-03-23, substitution templates and the actions of topic rules."""
