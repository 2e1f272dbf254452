"""What people leave with us: kept answers, conversations, feedback, questions in the queue, servers' settings."""
