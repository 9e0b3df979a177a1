"""The three stages. Each module has one public `run`, which wires the other packages; stages never call each other."""
