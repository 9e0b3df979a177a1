"""Where projects, plans, chunks and outputs live: one small protocol, one implementation per kind of URI."""
