"""SQL statements of a contract, run on a day's file in a separate process."""
