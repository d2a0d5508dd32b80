"""The event bus beyond MiniStack: events reach targets by permission, are tried again, or end in a queue."""
