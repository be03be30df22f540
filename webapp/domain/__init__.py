"""The business in plain Python: no framework, no I/O, no clock."""
