a = "def no(): pass"
b = """
def no():
    pass
"""
c = 'it\'s' "\
def no(): pass"
d = (
def_ := 1,
    [
# def no():
    ])
e = rb'\'' rb"""\""""
f = f"{a['def no(): pass']!r:>{b}} {{ {c:{d}}}"; g = f'''{
    {"}": 1}["}"]
}
def no(): pass
'''
h = f"{x:%H o'clock}" rf"\{a}" f"\N{LEFT CURLY BRACKET}" F"\{a}"
i = 1 + \
    2
def yes(): return "\\"
if a:
	def tab(): pass
        # a comment at another column
	def tab_too(): pass
class A: pass
def after(): pass
class B(A, metaclass=M):
    def generic(self, x: T) -> list[T]: ...
    class C:
        def deep(cls): ...
    async def \
        continued(self): ...
    def naïve(self): ...
define = deffo = classy = 1
match x:
    case {"a": 1}:
        def in_case(): ...
