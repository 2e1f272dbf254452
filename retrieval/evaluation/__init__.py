"""Scoring retrieval against judged questions; no answering here."""
