"""Papers: facts in, accessible and sealed PDF bytes out; it knows neither database nor request."""
