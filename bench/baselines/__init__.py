"""What the portal is measured against: small programs that stay as they are, so that a ratio means the same next year."""
