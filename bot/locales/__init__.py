"""The languages in which people are answered: a folder of catalogues for each, and how they are spoken."""
