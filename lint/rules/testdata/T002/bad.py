from typing import Any, Dict


class Event:
    metadata: Dict[str, Any]  # want "field metadata"
    value: Any = None  # want "field value"


def load(data: dict[str, Any]) -> Any:  # want "data of load" "load returns Any"
    x: Any = 1
