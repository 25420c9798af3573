"""Finds what a rule asks for, evaluates it, configures it; knows no booster and no concrete rule."""
