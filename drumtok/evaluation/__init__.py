"""Metrics of checkpoints: prediction, realism, novelty, style and expression, with bootstrap intervals and reports."""
