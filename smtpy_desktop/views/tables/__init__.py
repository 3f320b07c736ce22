"""Qt item models and the table that shows them."""
