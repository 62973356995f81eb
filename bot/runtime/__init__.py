"""The running process: its memory, slot, files and logs, and what logs must never contain."""
