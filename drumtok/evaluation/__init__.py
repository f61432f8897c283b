"""The metrics of checkpoints and their reports."""
