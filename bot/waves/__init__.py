"""Sound as samples: reading and writing of sound files, also in an isolated process."""

from .wave import Wave, can_compress, encode_mp3, encode_wav, join_waves, read_sound, read_wav, resample

__all__ = ["Wave", "can_compress", "encode_mp3", "encode_wav", "join_waves", "read_sound", "read_wav", "resample"]
