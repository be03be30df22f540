"""Pages of an order: drafts, lines, review, contract summary, orders."""
