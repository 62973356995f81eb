"""Imports of the programs that tests start, for the process from which they are forked; see process_fork.py."""

import gc
import importlib
import pkgutil

import bot.app
import bot.cli.run
import bot.client
import bot.commands
import bot.engines.scripted
import bot.preview
import bot.requests.desk

for one in pkgutil.iter_modules(bot.commands.__path__, f"{bot.commands.__name__}."):
    importlib.import_module(one.name)
# What is loaded is there for good, and stays in pages that all of them share.
gc.collect()
gc.freeze()
