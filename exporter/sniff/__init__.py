"""Inspect files without a contract, and propose one."""
