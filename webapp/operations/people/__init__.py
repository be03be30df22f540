"""Signing in, passwords, user accounts, and what a company has."""
