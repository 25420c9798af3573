"""Situations that people met with XGBoost and LightGBM, rebuilt in a few lines each, grouped by kind."""
