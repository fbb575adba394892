import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_runtime.errors import BadInput
from train.deal import seeded_splits, tear_patients_apart
from train.patch_index import BY_TILE, IndexRow
from train.split_files import PUBLISHED, read_lists, read_splits
from train.splits import SAME_SPECIMEN, apply_splits, refuse_group_on_two_sides


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


def share(rows, split, label):
    of_label = [row for row in rows if row.label == label]
    return sum(row.split == split for row in of_label) / len(of_label)


@pytest.mark.parametrize("seed", range(3))
def test_a_seeded_split_is_72_8_20_of_the_patients_with_both_classes_alike(seed):
    random = np.random.default_rng(seed)
    rows = []
    for patient in map(str, range(200)):
        size, positive = random.integers(20, 400), random.beta(0.5, 1)
        rows += [
            IndexRow(f"/{patient}/{n}", patient, patient, n, 0, int(draw < positive))
            for n, draw in enumerate(random.random(size))
        ]
    split = apply_splits(rows, seeded_splits(rows, seed))
    patients = {side: {row.patient_id for row in split if row.split == side} for side in ("train", "val", "test")}
    assert {side: len(found) for side, found in patients.items()} == {"train": 144, "val": 16, "test": 40}
    for label in (0, 1):
        assert share(split, "test", label) == pytest.approx(0.2, abs=0.02)
        assert share(split, "val", label) == pytest.approx(0.08, abs=0.02)


@given(st.integers(0, 100))
@settings(max_examples=20, deadline=None)
def test_a_side_without_one_class_is_avoided_where_it_can_be(seed):
    rows = rows_of(["1", "2", "3"]) + [IndexRow(f"/{n}/a", f"{n}", f"{n}", 0, 0, 0) for n in range(4, 8)]
    split = apply_splits(rows, seeded_splits(rows, seed))
    assert all({row.label for row in split if row.split == side} == {0, 1} for side in ("train", "val", "test"))


def test_pictures_that_are_patients_each_are_split_by_class():
    rows = [IndexRow(f"/{n}", f"p{n}", f"p{n}", -1, -1, int(n % 5 == 0)) for n in range(1000)]
    split = apply_splits(rows, seeded_splits(rows, 0))
    assert [share(split, side, label) for side in ("test", "val") for label in (0, 1)] == [0.2, 0.2, 0.08, 0.08]


def test_a_split_by_tile_tears_patients_apart_and_every_row_says_so():
    rows = rows_of([str(n) for n in range(10)], tiles=100)
    torn = tear_patients_apart(rows, 0)
    assert {row.split_by for row in torn} == {BY_TILE}
    assert [share(torn, side, label) for side in ("test", "val") for label in (0, 1)] == [0.2, 0.2, 0.08, 0.08]
    assert len({row.patient_id for row in torn if row.split == "test"}) == 10
    assert torn == tear_patients_apart(rows, 0) != tear_patients_apart(rows, 1)


def test_two_tiles_of_a_class_are_too_few_for_three_sides():
    with pytest.raises(BadInput, match="found 2 of class 1"):
        tear_patients_apart(rows_of(["1"], tiles=5), 0)


def test_the_published_lists_hold_the_known_ids_and_tear_no_specimen_apart():
    sides = read_splits(PUBLISHED)
    refuse_group_on_two_sides(sides)
    counted = {split: sum(side.split == split for side in sides.values()) for split in ("train", "val", "test")}
    assert counted == {"train": 81, "val": 29, "test": 0}


def test_patients_that_are_in_no_list_are_left_out_where_that_is_asked_for(tmp_path):
    write(tmp_path / "train.txt", "1\n2\n")
    write(tmp_path / "val.txt", "3")
    found = apply_splits(rows_of(["1", "3", "4"]), read_lists(tmp_path), leave_out=True)
    sides = {(row.patient_id, row.split, row.status) for row in found}
    assert sides == {("1", "train", "ok"), ("3", "val", "ok"), ("4", "", "unlisted")}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "found none"),
        ({"train.txt": "1"}, "one more at least.*found train.txt"),
        ({"val.txt": "1", "test.txt": "2"}, "found val.txt, test.txt"),
        ({"train.txt": "1", "val.txt": "1"}, "patient 1 is in train.txt as well"),
    ],
)
def test_lists_that_cannot_be_used_are_refused(tmp_path, files, message):
    for name, text in files.items():
        write(tmp_path / name, text)
    with pytest.raises(BadInput, match=message):
        read_lists(tmp_path)


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
