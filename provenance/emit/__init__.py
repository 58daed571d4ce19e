"""Files that a run leaves behind: each is whole or absent."""
