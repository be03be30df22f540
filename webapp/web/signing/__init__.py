"""A signature as its pages show it, to who signs and to who waits."""
