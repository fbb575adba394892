"""The report on paper: on every page its number and the note, on A4 and on Letter; and what to do without Pango."""

from __future__ import annotations

import builtins
import sys
import types

import pytest

pytest.importorskip("jinja2", reason="needs the extra `export`")

from edge_runtime.errors import BadInput, MissingDependency
from edge_runtime.export.kinds import PAPERS
from edge_runtime.export.placing import place
from edge_runtime.export.report import write_report, write_report_pdf
from edge_runtime.export.report_pdf import lay_out
from edge_runtime.note import NOTE
from edge_runtime.session.options import NONE
from edge_runtime.session.reading import read_session
from tests.edge_runtime.fakes.reported import GLASS, record, seen_field
from tests.edge_runtime.fakes.sessions import small_model

try:
    import weasyprint
except (ImportError, OSError) as error:  # OSError: Pango is not there
    weasyprint, why = None, str(error)
else:
    why = ""
needs_weasyprint = pytest.mark.skipif(weasyprint is None, reason=f"needs WeasyPrint and Pango: {why}")


@pytest.fixture(scope="module")
def report(tmp_path_factory, lean):
    """The HTML of a report of a few pages, of a slide with an awkward label."""
    root = tmp_path_factory.mktemp("printed")
    frames = [seen_field(n, [[0.5 + n / 20, 0.9, GLASS], [0.1, 0.6, "out_of_focus"]]) for n in range(6)]
    folder = record(root, small_model(lean), frames, slide='H26 <b> "5" µ ÄØ 癌', marks={2: "look <here>"})
    with read_session(folder) as session:
        write_report(session, place(session), root / "report.html")
    return (root / "report.html").read_text("utf-8")


def texts(path):
    """The text of each page, in one line. pypdf puts zeros between glyphs of fonts with more than 256."""
    import pypdf

    return [" ".join(page.extract_text().replace("\0", "").split()) for page in pypdf.PdfReader(path).pages]


@pytest.fixture(scope="module")
def printed(tmp_path_factory, report):
    """It on A4."""
    lay_out(report, path := tmp_path_factory.mktemp("paper") / "report.pdf")
    return path


@needs_weasyprint
@pytest.mark.parametrize(("paper", "size"), list(zip(PAPERS, [(595, 842), (612, 792)], strict=True)))
def test_every_page_has_the_note_and_its_number(report, printed, tmp_path, paper, size):
    import pypdf

    if paper != PAPERS[0]:
        lay_out(report, printed := tmp_path / "report.pdf", paper)
    pages = pypdf.PdfReader(printed).pages
    assert len(pages) >= 3
    for number, (page, text) in enumerate(zip(pages, texts(printed), strict=True), 1):
        assert NOTE in text and f"Page {number} of {len(pages)}" in text
        assert (round(page.mediabox.width), round(page.mediabox.height)) == size


@needs_weasyprint
def test_what_was_written_is_on_paper_as_it_was_written(printed):
    import pypdf

    text = " ".join(texts(printed))
    assert 'H26 <b> "5" µ ÄØ' in text and "look <here>" in text and "Worst fields first" in text
    reader = pypdf.PdfReader(printed)
    assert reader.metadata.title.startswith("H26 <b>")
    assert reader.trailer["/Root"]["/Lang"] == "en" and reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert sum(len(page.images) for page in reader.pages) >= 6


@needs_weasyprint
def test_nothing_is_fetched_even_where_a_page_asks_for_it(report, printed, tmp_path):
    import pypdf

    secret = tmp_path / "secret.png"
    secret.write_bytes(b"\x89PNG")
    spoiled = report.replace("</main>", f'<img src="{secret.as_uri()}" alt="x"></main>')
    lay_out(spoiled, tmp_path / "spoiled.pdf")

    def pictures(path):
        return sum(len(page.images) for page in pypdf.PdfReader(path).pages)

    assert pictures(tmp_path / "spoiled.pdf") == pictures(printed)


@needs_weasyprint
@pytest.mark.parametrize("frames", [0, 1])
def test_a_session_with_next_to_nothing_still_makes_a_document_and_no_noise(tmp_path, lean, frames, caplog, capfd):
    caplog.set_level("INFO")
    folder = record(tmp_path, small_model(lean), [seen_field(n, [[0.2]]) for n in range(frames)], keep=NONE)
    with read_session(folder) as session:
        write_report_pdf(session, None, tmp_path / "report.pdf")
    assert not (tmp_path / "report.html").exists()
    assert all(NOTE in text for text in texts(tmp_path / "report.pdf"))
    assert not [record for record in caplog.records if "weasyprint" in record.name or "fontTools" in record.name]
    assert capfd.readouterr() == ("", "")


def test_another_paper_is_refused_by_name(report, tmp_path):
    with pytest.raises(BadInput, match="expected a paper of A4, letter, found 'A3'"):
        lay_out(report, tmp_path / "report.pdf", "A3")


def test_without_weasyprint_it_says_what_to_install(report, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(MissingDependency, match=r"pip install 'cancernet-edge\[export\]'"):
        lay_out(report, tmp_path / "report.pdf")
    assert not (tmp_path / "report.pdf").exists()


def test_without_pango_it_says_the_line_for_apt(report, tmp_path, monkeypatch):
    real = builtins.__import__

    def without_pango(name, *more):
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *more)

    monkeypatch.setattr(builtins, "__import__", without_pango)
    with pytest.raises(MissingDependency, match="sudo apt install libpango"):
        lay_out(report, tmp_path / "report.pdf")


def test_an_older_weasyprint_as_debian_has_it_is_told(report, tmp_path, monkeypatch):
    older = types.ModuleType("weasyprint")
    older.urls, older.__version__ = types.ModuleType("weasyprint.urls"), "57.2"
    monkeypatch.setitem(sys.modules, "weasyprint", older)
    with pytest.raises(MissingDependency, match=r"expected WeasyPrint 68 or newer, found 57\.2"):
        lay_out(report, tmp_path / "report.pdf")
