"""What people can do with the bot, one module per way of asking: parse, defer, call, render."""
