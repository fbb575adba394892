import pytest

from benchmarks.markdown import check_readme, replace_block, table, update_readme
from edge_runtime.errors import BadInput

README = "# Title\n\n<!-- accuracy:begin -->\nold\n<!-- accuracy:end -->\n\nThe rest.\n"


def test_a_table_has_a_line_a_row():
    found = table(("model", "AUC"), [("lean", 0.5), ("a|b", 1)])
    assert found == "| model | AUC |\n| --- | ---: |\n| lean | 0.5 |\n| a\\|b | 1 |"


def test_a_table_without_rows_is_nothing():
    assert table(("model", "AUC"), []) == ""


def test_only_what_lies_between_the_markers_changes():
    found = replace_block(README, "accuracy", "new\n")
    assert found == README.replace("old", "new")
    assert replace_block(found, "accuracy", "new") == found


@pytest.mark.parametrize(
    "text",
    [
        "no markers",
        "<!-- accuracy:begin --> only one",
        "<!-- accuracy:end --> turned <!-- accuracy:begin -->",
        README + README,
        README.replace("accuracy", "latency"),
    ],
)
def test_missing_doubled_or_turned_markers_are_refused(text):
    with pytest.raises(BadInput, match="accuracy:begin"):
        replace_block(text, "accuracy", "new")


def test_a_readme_is_updated_in_place_and_refused_before_that_where_it_cannot_be(tmp_path):
    path = tmp_path / "README.md"
    path.write_text(README)
    check_readme(path, "accuracy")
    assert path.read_text() == README
    update_readme(path, "accuracy", "| new |")
    assert "| new |" in path.read_text()
    with pytest.raises(BadInput, match="latency:begin"):
        check_readme(path, "latency")
    with pytest.raises(BadInput, match="expected a README"):
        check_readme(tmp_path / "none.md", "accuracy")
