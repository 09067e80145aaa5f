"""The bot behind `label --with telegram`: the one door to python-telegram-bot.

`access` and `texts` know nothing of the network, and `pace` nothing of Telegram.
`calls` are the methods of the Bot API, `talk` is with one annotator, `bot` with all.
"""
