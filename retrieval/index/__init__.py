"""Holding passages: splitting articles, embedding passages, the dense and the keyword index, kept in agreement."""
