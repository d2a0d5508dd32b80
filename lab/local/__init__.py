"""A small AWS on this computer: MiniStack and what it lacks. It knows nothing of the pipelines that run on it."""
