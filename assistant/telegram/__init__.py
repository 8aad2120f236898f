"""The Telegram channel, on aiogram. Importing a module of it costs seconds: do so only to use it.

`problems` is the exception: it is cheap, so that a command line can name the errors it catches.
"""
