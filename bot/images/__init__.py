"""Pictures: drawn from prompts by an engine, altered, described, and stored for a day."""
