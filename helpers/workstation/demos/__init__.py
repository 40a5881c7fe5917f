"""Live demonstrations that cannot hurt the machine."""
