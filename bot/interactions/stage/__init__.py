"""Code shared by plays and interviews: their channels, the messages they post, and the messages they receive."""
