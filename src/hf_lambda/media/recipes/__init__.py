"""How each family of codecs is encoded: options that make segments copyable into one stream, equal on every retry."""
