"""Documents and their exports as rows."""
