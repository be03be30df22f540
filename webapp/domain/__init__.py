"""The trade in plain Python: values and rules; it knows no framework, no I/O and no clock."""
