"""Our renderer and the original on a corpus of small compositions, one for each feature."""
