"""New patterns: `generate`, `vary`, `morph`, `curate`, `humanise`, and the provenance of files."""
