"""Pure array functions, compiled. Every one has a plain float64 twin in `reference.py`."""
