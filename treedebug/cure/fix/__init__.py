"""Trainings anew, planned from a record, raced on validation rows and proved once on rows that none has seen."""
