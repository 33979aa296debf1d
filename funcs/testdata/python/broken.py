def a(:
    pass
def b(): pass
s = 'not closed
def c(): pass
)
def d(): pass
class
def
def e(x
def f(): "@onex:function"
