"""Changed and recombined patterns: transforms, drum fills, loops made of parts."""
