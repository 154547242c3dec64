# The file store is in the core.
