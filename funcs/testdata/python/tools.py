"""The example of the format: two marked functions, one that is not."""

from typing import Any, Dict, Optional


def validate_schema(schema: Dict[str, Any], correlation_id: Optional[str] = None) -> "ValidationResult":
    """
    Validates JSON schema format and structure

    @onex:function
    @raises SCHEMA_INVALID
    @raises SCHEMA_MALFORMED
    @side_effect logs validation events
    """
    return ValidationResult()


def regular_function(x):
    """Not a tool, though it speaks of @onex:function."""


@decorated(
    name="x",  # def not_a_function():
)
async def process_data(
    self_like,
    data: list[tuple[int, str]] = [(1, ",")],  # a comment, with a comma
    /,
    *args: int,
    key: "str | None" = None,
    **rest: Any,
) -> dict[
    str,
    Any,
]:
    r'''@onex_function
    Process and transform input data
    @error DATA_INVALID, TRANSFORM_FAILED
    @effects may cache results
    '''


class Shop:
    # @onex:function
    # Prices an order.
    @property
    def price(self, order): return 1

    @staticmethod
    def free(self): "@onex:function"

    if True:
        def _private(self, f=lambda a, b=(1, 2): a):
            def inner(self):
                pass


# @onex:function
# marks nothing

x = 1


def validate_schema():
    """@onex:function"""
