"""Pages of the documentation that are read out of the code: errors with their codes, and the message contract."""
