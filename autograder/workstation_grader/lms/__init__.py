"""Who is who: rosters, a learning platform's file names and tables, extensions, and files that are nobody's yet."""
