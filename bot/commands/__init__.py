"""Discord commands. Each module here with a `setup(bot)` is discovered, so adding a command needs no other edit."""
