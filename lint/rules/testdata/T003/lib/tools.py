def free(x):
    pass


def tool(x):  # want "parameter x of tool"
    """Does.

    @onex:function
    """
