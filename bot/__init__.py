"""Dateline, the application that answers: the grounded answering chain, its terminal and its Discord client."""
