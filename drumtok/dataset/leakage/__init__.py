"""Find what the splits of a corpus have in common: near-duplicate songs and repeated bars."""
