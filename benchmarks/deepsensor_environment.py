"""Make the environment that the peer of `convcnp_speed.py` runs in, apart from the book's own.

    python benchmarks/deepsensor_environment.py

It lies in the user's cache and borrows from the book's environment whatever suits deepsensor too, torch above all.
"""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from platformdirs import user_cache_path

PINS = ("deepsensor==0.4.4", "neuralprocesses==0.2.7", "backends==1.9.0", "torch==2.13.0")
FOLDER = user_cache_path("sparseobs") / "deepsensor-0.4.4"
PYTHON = FOLDER / "bin" / "python"


def main() -> None:
    """Make it, or complete it."""
    venv.create(FOLDER, with_pip=True)
    found = subprocess.run(
        [PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    (Path(found.stdout.strip()) / "book.pth").write_text(sysconfig.get_path("purelib") + "\n")
    subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", *PINS], check=True)
    subprocess.run([PYTHON, "-c", "import deepsensor.torch"], check=True)
    print(f"ready: {PYTHON}")


if __name__ == "__main__":
    sys.exit(main())
