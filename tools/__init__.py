"""Programs for developers: the set-up behind the Makefile and the house rules."""
