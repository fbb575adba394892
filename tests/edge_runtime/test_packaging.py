import re
import subprocess

import pytest

from tests.conftest import ROOT


def pins(path):
    """Return name -> version of a list of packages, as it holds for a 64-bit Pi OS 13."""
    pinned = {}
    for line in path.read_text().splitlines():
        words, _, marker = line.partition(";")
        found = re.fullmatch(r"([\w.-]+)==([\w.]+)", words.strip())
        if found and '< "3.1' not in marker and '== "armv7l"' not in marker:
            pinned[found[1]] = found[2]
    return pinned


def test_the_package_of_pi_os_13_holds_what_pip_would_install():
    wanted = pins(ROOT / "requirements-edge.txt")
    packed = pins(ROOT / "packaging" / "trixie.txt")
    assert len(wanted) == 4 and wanted.items() <= packed.items()


def test_the_packages_differ_in_numpy_and_what_goes_with_it_alone():
    old, new = pins(ROOT / "packaging" / "bookworm.txt"), pins(ROOT / "packaging" / "trixie.txt")
    different = {name for name in old | new if old.get(name) != new.get(name)}
    assert different == {"numpy", "opencv-python-headless", "ml_dtypes"} and old["numpy"].startswith("1.")


@pytest.mark.parametrize("words", [[], ["bookworm"], ["sid", "arm64"], ["bookworm", "armhf"]])
def test_a_package_that_cannot_be_built_is_refused_with_what_can(words):
    done = subprocess.run(["bash", ROOT / "packaging" / "build_deb.sh", *words], capture_output=True, text=True)
    assert done.returncode != 0 and ("usage: " in done.stderr or "expected " in done.stderr)
