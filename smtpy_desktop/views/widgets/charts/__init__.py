"""Charts painted by hand: bars over time and ranked bars, with their numbers as a table."""
