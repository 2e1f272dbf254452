"""Values of answering become Discord messages: pure functions, no network."""
