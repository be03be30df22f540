"""Drafts, orders, contract summaries, and what a company has to choose from, as rows."""
