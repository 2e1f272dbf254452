"""Dates in a question's words: `words` finds them, `named` and `counted` read them, `spans` is the calendar."""
