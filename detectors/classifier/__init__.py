"""Trained detectors: a linear model over hashed n-grams and named features of style."""
