"""The embedded engine: the same handler on this machine, with folders for S3 and threads for Lambda."""
