"""What the seller's staff and whoever runs the machine do."""
