"""What reading a machine once and recording it ten times a second share: pure parsers, and NVIDIA's library."""
