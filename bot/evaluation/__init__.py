"""Scoring answers against judged questions; the ranking behind them is scored in retrieval/evaluation."""
