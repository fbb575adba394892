import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_runtime.errors import BadInput
from train.patch_index import IndexRow
from train.splits import SAME_SPECIMEN, apply_splits, read_splits, seeded_splits


def rows_of(patients, tiles=6):
    return [
        IndexRow(f"/{patient}/{n}.png", patient, patient, n, 0, n % 2) for patient in patients for n in range(tiles)
    ]


@settings(max_examples=30, deadline=None)
@given(st.integers(3, 40), st.integers(0, 1000))
def test_a_seeded_split_puts_every_patient_on_one_side_and_fills_all_three(count, seed):
    rows = rows_of([str(n) for n in range(count)])
    split = apply_splits(rows, seeded_splits(rows, seed))
    sides = {row.patient_id: set() for row in split}
    for row in split:
        sides[row.patient_id].add(row.split)
    assert all(len(side) == 1 for side in sides.values())
    assert set.union(*sides.values()) == {"train", "val", "test"}


def test_the_same_seed_gives_the_same_split_and_another_seed_another():
    rows = rows_of([str(n) for n in range(30)])
    assert seeded_splits(rows, 1) == seeded_splits(rows, 1) != seeded_splits(rows, 2)


@given(st.integers(0, 200))
@settings(max_examples=20, deadline=None)
def test_known_sections_of_one_specimen_stay_together(seed):
    pair = next(iter(SAME_SPECIMEN.items()))
    rows = rows_of([*pair, *(str(n) for n in range(12))])
    sides = seeded_splits(rows, seed)
    assert sides[pair[0]] == sides[pair[1]]


def test_two_patients_are_too_few_to_split():
    with pytest.raises(BadInput, match="at least 3 patients"):
        seeded_splits(rows_of(["1", "2"]), 0)


def write(path, text):
    path.write_text(text)
    return path


def test_a_csv_that_tears_a_group_apart_is_refused_and_named(tmp_path):
    path = write(tmp_path / "s.csv", "patient_id,group,split\n1,g,train\n2,g,test\n")
    with pytest.raises(BadInput, match="group g is in test and train"):
        apply_splits(rows_of(["1", "2"]), read_splits(path))


def test_a_csv_without_groups_may_not_tear_the_known_sections_apart(tmp_path):
    path = write(tmp_path / "s.csv", "patient_id,split\n9078,train\n9123,val\n")
    with pytest.raises(BadInput, match="group 9078"):
        apply_splits(rows_of(["9078"]), read_splits(path))


def test_patients_that_the_csv_does_not_know_are_refused_and_named(tmp_path):
    path = write(tmp_path / "s.csv", "patient_id,split\n1,train\n")
    with pytest.raises(BadInput, match="1 patients of the folder are not in the splits: 2"):
        apply_splits(rows_of(["1", "2"]), read_splits(path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("patient,side\n1,train\n", "columns patient_id and split, found patient, side"),
        ("", "found none"),
        ("patient_id,split\n1,dev\n", "'dev'; expected one of train, val, test"),
        ("patient_id,split\n1,train\n1,test\n", "listed twice"),
    ],
)
def test_a_csv_that_cannot_be_used_is_refused(tmp_path, text, message):
    with pytest.raises(BadInput, match=message):
        read_splits(write(tmp_path / "s.csv", text))
