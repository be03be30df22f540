"""The verbs of the product, one transaction each; they know no request and no row."""
