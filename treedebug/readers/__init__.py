"""The bytes of a model as a `TreeTable`; every fact of a file format stands here."""
