pattern = r"\d+"
name = "a\tb\n\x00\\d\u00e4\N{BULLET}\'\""
data = b"\x00\0"
long = "a \
b"
fmt = f"{x!r}\n{{\t}}"
# "\d"
