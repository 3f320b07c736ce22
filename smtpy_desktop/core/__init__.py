"""Functional core: pure functions, no input or output."""
