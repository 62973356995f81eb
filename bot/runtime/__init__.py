"""The process where it runs: its memory, its slot, its files, its logs, and what may never stand in them."""
