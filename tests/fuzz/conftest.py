"""Targets can import the helpers of other tests."""

from tests_path import add_tests

add_tests()
