"""The service layer: what the program can do, as async functions without Qt and without SQL."""
