def a():
    """Doc of a

    @onex:function
    """
    x = "\
"
def b(): passdef c(): pass