"""Papers made once, handed out whole, verified, and fetched together."""
