"""A checker of web addresses that jsonschema imports and no notebook needs."""

import sys


def leave_out_address_checker() -> None:
    """Keep jsonschema from importing a checker of web addresses: it takes two seconds, and no notebook needs it."""
    sys.modules.setdefault("rfc3987_syntax", None)
