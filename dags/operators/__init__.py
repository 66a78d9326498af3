"""Operators and triggers of our own."""
