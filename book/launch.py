"""Links that open the book in somebody else's Jupyter, where the project's address is known."""

from pathlib import Path

import yaml

PAGE, MARK = "book/how_to_use", "<!-- links that launch -->"
GITHUB = "https://github.com/"
FIRST = "notebooks/chaos.ipynb"  # what opens first


def repository(config: Path) -> str:
    """Return the project's address, `repository.url` of `_config.yml`; empty if it has none."""
    settings = yaml.safe_load(config.read_text(encoding="utf-8"))
    return ((settings.get("repository") or {}).get("url") or "").removesuffix(".git").rstrip("/")


def links(address: str) -> str:
    """Return links to Binder, Colab and Codespaces as MyST; nothing without an address on GitHub, which they read."""
    if not address.startswith(GITHUB):
        return ""
    name = address.removeprefix(GITHUB)
    places = {
        "Binder": f"https://mybinder.org/v2/gh/{name}/HEAD?labpath={FIRST}",
        "Colab": f"https://colab.research.google.com/github/{name}/blob/main/{FIRST}",
        "Codespaces": f"https://codespaces.new/{name}",
    }
    return "Open it in " + ", ".join(f"[{place}]({target})" for place, target in places.items()) + "."
