"""Job kinds and their handlers: read, call, write; a handler may run twice and has its effect once."""
