"""How a power of attorney is signed: states, capacities, methods, and whom an eID proved."""
