"""The kind `pdf`: a report laid out on pages, with their numbers and the note on each."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from edge_runtime.errors import BadInput, MissingDependency

from .kinds import INSTALL, PAPERS

PANGO = "sudo apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
"""What WeasyPrint draws text with, on Debian and Raspberry Pi OS."""


def lay_out(page: str, pdf_path: Path, paper: str = PAPERS[0]) -> None:
    """Lay a report's HTML out as a PDF. Nothing is fetched: a report has all its pictures in it.

    Raises BadInput for another paper, MissingDependency where a package or a library is missing.
    """
    if paper not in PAPERS:
        raise BadInput(f"expected a paper of {', '.join(PAPERS)}, found {paper!r}; choose one of them")
    weasyprint = _weasyprint()
    inside = weasyprint.urls.URLFetcher(allowed_protocols=("data",))
    size = weasyprint.CSS(string=f"@page {{ size: {paper} }}", url_fetcher=inside)
    document = weasyprint.HTML(string=page, url_fetcher=inside)
    document.write_pdf(pdf_path, stylesheets=[size], pdf_variant="pdf/ua-1")


def _weasyprint() -> Any:
    for name in ("weasyprint", "weasyprint.progress", "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)  # they tell each step, and of properties that browsers know
    try:
        import weasyprint
    except ImportError as error:
        raise MissingDependency(f"pdf: expected the package weasyprint, found none; install it: {INSTALL}") from error
    except OSError as error:
        raise MissingDependency(
            f"pdf: expected Pango's libraries, found none ({error}); install them: {PANGO}"
        ) from error
    if not hasattr(weasyprint.urls, "URLFetcher"):
        found = getattr(weasyprint, "__version__", "an older one")
        raise MissingDependency(f"pdf: expected WeasyPrint 68 or newer, found {found}; install it: {INSTALL}")
    return weasyprint
