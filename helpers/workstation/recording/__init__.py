"""Record what a machine does while work runs on it, and read such recordings."""
