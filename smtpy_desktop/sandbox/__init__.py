"""Loopback stand-ins for the outside world, sample data and the tour."""
