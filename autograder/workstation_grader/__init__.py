"""Release, collect, grade and return the exercises of a cohort."""
