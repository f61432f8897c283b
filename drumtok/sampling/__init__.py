"""Sampling words from the network: logit filters, the particle filter, constraints, song forms."""
