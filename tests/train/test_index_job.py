import json

import pytest

from train.cli import main
from train.patch_index import read_index


@pytest.fixture
def archive(tmp_path, write_patch):
    """Ten patients with three patches of each class, no two alike."""
    folder = tmp_path / "idc"
    for patient in range(10):
        for n in range(6):
            name = f"{patient}/{n % 2}/{patient}_idx5_x{50 * n + 1}_y1_class{n % 2}.png"
            write_patch(folder / name, seed=10 * patient + n)
    return folder


@pytest.fixture
def index(command, tmp_path):
    """A function that indexes; returns (exit code, what was found or None, talk, rows or None)."""

    def run(folder, *words):
        out = tmp_path / "index.csv"
        code, text, talk = command(main, "index", folder, "--out", out, *words)
        return code, json.loads(text) if text else None, talk, read_index(out) if out.exists() else None

    return run


def test_without_splits_the_sides_are_seeded_and_the_index_says_what_it_holds(index, archive):
    code, found, _, rows = index(archive)
    assert code == 0 and found["format"] == "idc" and found["split_by"] == "patient"
    assert {split: side["patients"] for split, side in found["splits"].items()} == {"train": 7, "val": 1, "test": 2}
    assert {(row.format, row.split_by) for row in rows} == {("idc", "patient")} and all(row.content for row in rows)


def test_a_split_by_tile_is_recorded_and_shouted(index, archive):
    code, found, talk, rows = index(archive, "--split-by", "tile")
    assert code == 0 and found["split_by"] == "tile" and {row.split_by for row in rows} == {"tile"}
    assert "LEAKY SPLIT" in talk


def test_a_list_of_patients_and_a_split_by_tile_contradict_each_other(index, archive):
    code, _, talk, rows = index(archive, "--split-by", "tile", "--splits", "published")
    assert code == 2 and "found both" in talk and rows is None


def test_ids_that_are_not_in_the_folder_are_counted_and_named(index, archive, tmp_path):
    sides = ["train"] * 6 + ["val"] * 2 + ["test"] * 2
    rows = [f"{patient},{side}" for patient, side in enumerate(sides)] + ["ghost,train", "spirit,val"]
    (tmp_path / "s.csv").write_text("patient_id,split\n" + "\n".join(rows))
    code, _, talk, _ = index(archive, "--splits", tmp_path / "s.csv")
    assert code == 0 and "2 patients of the splits are not in the folder: ghost, spirit" in talk


def test_splits_of_other_patients_altogether_are_refused(index, archive):
    code, _, talk, rows = index(archive, "--splits", "published")
    assert code == 2 and "found none of them" in talk and rows is None


def test_published_ids_are_used_where_they_are_present_and_the_rest_is_left_out(index, archive):
    for new, old in (("10254", "0"), ("10256", "1"), ("10257", "2")):
        for path in (archive / old).rglob("*.png"):
            target = archive / new / path.parent.name / path.name.replace(f"{old}_", f"{new}_", 1)
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)
    code, found, talk, rows = index(archive, "--splits", "published")
    assert code == 0 and found["splits"] == {"train": {"patients": 3, "no_idc": 9, "idc": 9}}
    assert found["files"] == {"ok": 18, "unlisted": 42} and "in no list: 42 pictures of 3, 4, 5" in talk
    assert {row.split for row in rows if row.status == "unlisted"} == {""}


def test_a_folder_of_lists_is_taken_as_it_is_published(index, archive, tmp_path):
    for side, ids in (("train", range(6)), ("val", range(6, 8)), ("test", range(8, 10))):
        (tmp_path / f"{side}.txt").write_text("\n".join(map(str, ids)))
    code, found, _, _ = index(archive, "--splits", tmp_path)
    assert code == 0 and [side["patients"] for side in found["splits"].values()] == [2, 6, 2]


def test_a_folder_of_one_class_is_refused(index, archive):
    for path in archive.glob("*/1/*.png"):
        path.unlink()
    code, _, talk, rows = index(archive)
    assert code == 2 and "found 30 of no_idc alone" in talk and rows is None


def test_one_patient_alone_is_refused(index, archive):
    code, _, talk, _ = index(archive / "3")
    assert code == 2 and "at least 3 patients to split, found 1" in talk


def test_a_side_of_one_class_is_refused_where_it_was_dealt_and_told_where_it_was_given(index, archive, tmp_path):
    for patient in range(9):
        for path in (archive / str(patient) / "1").glob("*.png"):
            path.unlink()
    code, _, talk, rows = index(archive)
    assert code == 2 and "alone: expected both classes" in talk and rows is None
    (tmp_path / "s.csv").write_text(
        "patient_id,split\n" + "".join(f"{n},{'val' if n == 9 else 'train'}\n" for n in range(10))
    )
    code, _, talk, _ = index(archive, "--splits", tmp_path / "s.csv")
    assert code == 0 and "the side train has tiles of no_idc alone" in talk


def test_a_folder_whose_names_and_folders_contradict_each_other_is_refused(index, archive):
    for patient in range(10):
        (archive / str(patient) / "0").rename(archive / str(patient) / "was0")
        (archive / str(patient) / "1").rename(archive / str(patient) / "0")
        (archive / str(patient) / "was0").rename(archive / str(patient) / "1")
    code, _, talk, rows = index(archive)
    assert code == 2 and "found 60 patches" in talk and "0 that agree" in talk and rows is None


def test_one_picture_under_two_patients_is_refused_and_can_be_dropped(index, archive, tmp_path, write_patch):
    (tmp_path / "s.csv").write_text(
        "patient_id,split\n" + "".join(f"{n},{'train' if n < 8 else 'test'}\n" for n in range(10))
    )
    for patient in (0, 9):
        write_patch(archive / f"{patient}/0/{patient}_idx5_x901_y1_class0.png", seed=500)
    code, _, talk, rows = index(archive, "--splits", tmp_path / "s.csv")
    assert code == 2 and "0_idx5_x901" in talk and "9_idx5_x901" in talk and rows is None
    code, found, _, rows = index(archive, "--splits", tmp_path / "s.csv", "--drop-duplicates")
    assert code == 0 and found["files"] == {"duplicate": 1, "ok": 61}
    assert [row.patient_id for row in rows if row.status == "duplicate"] == ["0"]


def test_groups_are_not_for_patches_whose_names_tell_the_slide(index, archive, tmp_path):
    code, _, talk, _ = index(archive, "--groups", tmp_path / "g.csv")
    assert code == 2 and "column group" in talk


@pytest.mark.parametrize(("format_", "expected"), [("hcd", "train_labels.csv"), ("idc", "_idx5_x")])
def test_a_folder_that_is_not_what_was_said_is_refused(index, tmp_path, write_patch, format_, expected):
    write_patch(tmp_path / "x" / "a.png")
    code, _, talk, _ = index(tmp_path / "x", "--format", format_)
    assert code == 2 and expected in talk


def test_a_seed_below_nought_is_refused(index, archive):
    code, _, talk, rows = index(archive, "--seed", -1)
    assert code == 2 and "whole number of at least 0" in talk and rows is None


def test_a_side_that_a_list_leaves_empty_is_told(index, archive, tmp_path):
    rows = [f"{patient},{'test' if patient > 7 else 'train'}" for patient in range(10)]
    (tmp_path / "s.csv").write_text("patient_id,split\n" + "\n".join(rows))
    code, _, talk, _ = index(archive, "--splits", tmp_path / "s.csv")
    assert code == 0 and "no tile lies on the side val: no network can be chosen by it" in talk
