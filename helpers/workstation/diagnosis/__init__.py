"""Tell from a recording which constraint held the work back: one testable sentence each."""
