"""Submissions and archives by learners who want more than they wrote: each an entry, none ever run."""
