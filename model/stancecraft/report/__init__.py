"""What people and programs see of predictions: pure functions from records to rows."""
