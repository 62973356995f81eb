"""`quillmate run` as it is installed, but for Discord's address: python running.py URL. What it needs stands in the environment."""

import sys

import discord

from bot.cli import main

if __name__ == "__main__":
    discord.http.Route.BASE = sys.argv[1]
    sys.argv = ["quillmate", "run"]
    main()
