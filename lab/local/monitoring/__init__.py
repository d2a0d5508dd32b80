"""CloudWatch beyond MiniStack: metrics that services tell of themselves, alarms that are evaluated, metric filters."""
