"""Pages of the documentation that are read out of the code: errors, the message contract, the run shown."""
