f = f"{a["def no(): pass"]!r:>{b}}"; g = f'''{
    {"}": "'''"}["}"]  # a comment }
}
def no(): pass
'''
h = f"{f"{f"{1}"}"}" t"{x}"
class B[T](A, metaclass=M):
    def generic[T: (int, str) = int](self, x: T) -> list[T]: ...
type X[T] = list[T]
def after(): pass
