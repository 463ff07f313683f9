"""The sandbox: where a learner's notebook runs, with nothing of ours in reach."""
