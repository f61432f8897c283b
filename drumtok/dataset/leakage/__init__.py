"""Find leaks between the splits of a corpus: near-duplicate songs and repeated bars."""
