"""Change and recombine patterns: transforms, drum fills, and loops made of parts."""
