"""The only code that speaks SQL; it hands out domain values and read models, never rows, and knows no request."""
