"""The stacks, one a file: each deploys, updates and goes alone."""
