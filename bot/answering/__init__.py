"""Question and passages become a cited answer or an abstention; knows nothing of Discord."""
