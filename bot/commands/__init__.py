"""What people do in Discord. A module here with a `setup(bot)` is found; nothing else is edited to add a command."""
