"""A publisher of our own: many feeds and their pages on loopback, with everything that goes wrong on the real web."""
