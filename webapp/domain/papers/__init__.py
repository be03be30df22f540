"""Which papers an order needs and the facts on each; knows neither look nor bytes."""
