"""Checkpoints, and the engines that step the networks in NumPy, without torch."""
