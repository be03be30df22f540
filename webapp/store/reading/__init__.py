"""What pages show, as frozen values: each read is a fixed number of statements, paged by key; it changes nothing."""
