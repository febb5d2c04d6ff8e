"""A stand-in for `python:3.14-slim`, made of Debian packages: the same layout, an older Python.

What the Dockerfile relies on is as in the official image: `python` and `pip` on PATH, pip outside of the package
manager, pip's wheel within `ensurepip`, Debian's package manager and archive, no Perl but `perl-base`, no manuals.
"""

import os
from pathlib import Path

from tests.container.engine import told

_PACKAGES = "usr-is-merged,ca-certificates,python3,python3-venv"
_EXCLUDED = ("/usr/share/doc/*", "/usr/share/info/*", "/usr/share/locale/*", "/usr/share/man/*")
_HOOKS = "/usr/share/mmdebstrap/hooks/maybe-merged-usr"
# Debian keeps `ensurepip` without its wheels, and its Python from being installed into.
_LIKE_THE_OFFICIAL_ONE = """
set -e
ln -s python3 /usr/bin/python
rm /usr/lib/python3*/EXTERNALLY-MANAGED
bundled=$(echo /usr/lib/python3*/ensurepip)/_bundled
mkdir "$bundled"
PYTHONPATH=$(echo /usr/share/python-wheels/pip-*.whl) python -m pip install \
    --quiet --root-user-action ignore --no-index --find-links /usr/share/python-wheels pip
mv /usr/share/python-wheels/*.whl "$bundled"
"""


def make(archive: Path) -> None:
    """Write the base's file system to a tar archive: of the suite, and from the servers, that this machine uses."""
    system = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    origin = system["ID"].strip('"').capitalize()
    form = "deb $(REPO_URI) $(RELEASE) $(COMPONENT)"
    listed = told("apt-get", "indextargets", "--format", form, "Created-By: Packages", f"Origin: {origin}")
    sources = archive.with_suffix(".list")
    sources.write_text("\n".join(sorted(set(listed.splitlines()))) + "\n")
    told(
        "env", "-i", f"PATH={os.environ['PATH']}", f"TMPDIR={archive.parent}",
        "mmdebstrap", "--quiet", "--variant=apt", f"--hook-dir={_HOOKS}", f"--include={_PACKAGES}",
        "--dpkgopt=force-unsafe-io", *(f"--dpkgopt=path-exclude={path}" for path in _EXCLUDED),
        f"--customize-hook=chroot \"$1\" sh -c '{_LIKE_THE_OFFICIAL_ONE}'",
        system["VERSION_CODENAME"].strip('"'), archive, sources,
    )  # fmt: skip
