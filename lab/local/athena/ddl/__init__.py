"""Data definition: Hive's statements, answered by the Glue Data Catalog."""
