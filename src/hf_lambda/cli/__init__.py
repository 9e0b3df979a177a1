"""The command line: a skin that parses, calls and prints. Data goes to stdout, progress to stderr."""
