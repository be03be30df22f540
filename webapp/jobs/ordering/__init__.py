"""What follows an order, and contract summaries before one."""
