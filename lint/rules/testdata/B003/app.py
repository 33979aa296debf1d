import pytest  # want "pytest is for tests"
from unittest.mock import Mock  # want "unittest is for tests"
