"""What plays and interviews share: where they go on, how they are shown, and how messages reach them."""
