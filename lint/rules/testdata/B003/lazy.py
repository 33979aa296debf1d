def run():
    import pytest


text = """
import pytest
"""
