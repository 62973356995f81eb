"""What is heard: speech that becomes text, texts that are read aloud, music that is played."""
