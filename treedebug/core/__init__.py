"""Plain data: runs, trees, profiles, findings, errors. Imports numpy and the standard library only."""
