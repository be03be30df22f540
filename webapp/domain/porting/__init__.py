"""A number's move: which numbers, on which day, who signs; knows neither draft nor paper."""
