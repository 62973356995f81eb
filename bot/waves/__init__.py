"""Sound as numbers: files of it are read, here or in a process of their own, and written."""

from .wave import Wave, as_mp3, as_wav, can_compress, joined, read_sound, read_wav, resampled

__all__ = ["Wave", "as_mp3", "as_wav", "can_compress", "joined", "read_sound", "read_wav", "resampled"]
