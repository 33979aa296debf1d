from typing import Any, Dict


class Event:
    metadata: Dict[str, str]


def _load(data: Dict[str, Any]) -> Any: ...


def wrap(*args: Any, **kwargs: Any) -> None: ...
