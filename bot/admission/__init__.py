"""What is let in, and when: how much may be asked for, and whose turn it is."""
