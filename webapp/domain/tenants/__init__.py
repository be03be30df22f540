"""Who is serving: operator or reseller, what is sold at what price, and its colours."""
