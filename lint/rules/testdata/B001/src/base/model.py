from app import run  # want "above it"
import app.run as r  # want "above it"
import os, json
from . import other
from ..app.run import go  # want "above it"
