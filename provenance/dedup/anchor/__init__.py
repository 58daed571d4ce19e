"""Archives of early text, kept so that a later text can be asked for in microseconds."""
