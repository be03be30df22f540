"""Pages that verify papers and look back on them."""
