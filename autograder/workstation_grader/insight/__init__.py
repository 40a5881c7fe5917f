"""What a cohort got wrong, criterion by criterion: read it, count it, and show it on one page and in CSV files.

`read` touches disk and gradebook, `page` and `svg` know HTML; every other module counts one thing and is pure.
"""
