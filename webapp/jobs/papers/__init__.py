"""Papers drawn, sealed, checked and zipped, in a process with limits."""
