"""From a prompt to pictures: drawn where an engine can, and kept for a day."""
