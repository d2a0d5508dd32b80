"""The exercises: each module holds a hint, a solution and the check of an answer."""
