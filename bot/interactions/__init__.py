"""What several commands share: forms, buttons and messages, and the way from an interaction to a request."""
