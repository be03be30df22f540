"""One module a concern, views in five beats (load, guard, read, act, show); no blueprint knows another."""
