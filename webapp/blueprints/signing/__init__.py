"""Pages of who signs, and of who waits for it."""
