"""What Kinesis Data Streams needs beyond MiniStack: shards that close instead of vanishing, and its metrics."""
