"""What plays and interviews share: their places, their messages, and incoming messages."""
