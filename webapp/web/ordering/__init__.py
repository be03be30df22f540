"""An order as its pages show it: form, price, review, placed order."""
