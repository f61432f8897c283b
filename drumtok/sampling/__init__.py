"""Drawing words: logit filters, the particle filter, constraints, song forms."""
