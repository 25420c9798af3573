"""Draws and never computes: text, JSON, GitHub annotations, the rules' pages."""
