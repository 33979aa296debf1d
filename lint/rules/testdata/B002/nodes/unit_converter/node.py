NAME = "unit_converter"
