"""Statements of a contract, asked of a day's file in a process of their own."""
