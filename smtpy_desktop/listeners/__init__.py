"""What the network triggers."""
