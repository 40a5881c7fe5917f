"""The judges: small ladders of rules that every exercise shares, each with its verdict and its reason."""
