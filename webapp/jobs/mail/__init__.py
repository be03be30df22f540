"""Mails written and sent."""
