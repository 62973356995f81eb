"""From a prompt to pictures: drawn where an engine can, sketched where none does, kept for a day."""
