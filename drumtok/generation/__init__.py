"""New patterns: `generate`, `vary`, `morph`, `curate`, `humanise`, and how a file says how it was made."""
