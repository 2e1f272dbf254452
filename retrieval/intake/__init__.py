"""Intake: feeds are fetched on a schedule, what they list is read, stored and kept up to date."""
