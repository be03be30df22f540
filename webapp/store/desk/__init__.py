"""Alarms and what came of jobs, for the staff."""
