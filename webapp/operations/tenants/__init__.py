"""Operators and resellers: publishing their folders, taking in their customers and numbers."""
