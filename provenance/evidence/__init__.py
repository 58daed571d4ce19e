"""What is known of a document's origin, and what it counts for."""
