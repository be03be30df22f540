"""From the first answer to the order; one transaction a verb."""
