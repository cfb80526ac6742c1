"""Turn pip's settings into uv's: `pip config list | python book/uv_settings.py` writes lines for a shell."""

import ast
import os
import shlex
import sys
from collections.abc import Iterable

# What uv calls pip's settings. Both separate several values by blanks, but uv the folders of wheels by commas.
UV_NAMES = {
    "cert": "SSL_CERT_FILE",
    "constraint": "UV_CONSTRAINT",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "index-url": "UV_DEFAULT_INDEX",
    "no-index": "UV_NO_INDEX",
    "proxy": "ALL_PROXY",
    "trusted-host": "UV_INSECURE_HOST",
}
SECTIONS = ("global", "install", ":env:")  # pip lets the later ones win


def uv_settings(listing: Iterable[str]) -> dict[str, str]:
    """Return uv's environment variables for the settings that `pip config list` lists, one a line."""
    found = {}
    for line in listing:
        place, _, value = line.partition("=")
        section, _, name = place.rpartition(".")
        found[section, name] = str(ast.literal_eval(value)).split()
    return {
        variable: ("," if name == "find-links" else " ").join(found[section, name])
        for section in SECTIONS
        for name, variable in UV_NAMES.items()
        if found.get((section, name))
    }


if __name__ == "__main__":
    for variable, value in uv_settings(sys.stdin.read().splitlines()).items():
        if variable not in os.environ:  # what the user told uv itself comes first
            print(f"export {variable}={shlex.quote(value)}")
