"""The live page: all runs below a folder or bucket in a browser, read only, following the trainings."""
