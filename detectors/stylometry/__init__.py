"""Measures of style with names and definitions."""
