"""Read, judge and show a learner's answers: data in, criteria with reasons out."""
