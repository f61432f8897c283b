"""What two splits share: near-duplicate songs, repeated bars, and the report."""
