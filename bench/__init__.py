"""The benchmark against the original renderer; see README.md. No part of the package."""
