"""The system of record: every version of every article, and which passages the index holds of them."""
