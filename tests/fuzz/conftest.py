"""Targets import what the tests of other areas have."""

from tests_path import add_tests

add_tests()
