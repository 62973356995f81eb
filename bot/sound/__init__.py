"""Sound: speech recognition, texts read aloud, and music."""
