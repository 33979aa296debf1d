run("unit_converter")  # want "is the node in nodes/unit_converter"
"""unit_converter"""
run(find("convert"))
# "unit_converter"
