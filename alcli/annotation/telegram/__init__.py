"""Telegram bot of `label --with telegram`; the only importer of python-telegram-bot.

`access` and `texts` know nothing of the network. `rate_limit` paces and repeats
requests, `polling` watches the connection, `messenger` sends messages, `conversation`
is with one annotator, `bot` with all.
"""
