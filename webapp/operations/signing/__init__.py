"""Asking for signatures, giving them, and what follows; calls no outside system."""
