import json
import shutil
import zipfile

import numpy as np
import pytest

from edge_runtime.errors import BadInput
from edge_runtime.optics import to_field
from edge_runtime.pictures import read_picture
from edge_runtime.records import Frame
from train.cache import cache_beside
from train.cli import main
from train.formats import HCD
from train.hcd import read_labelled
from train.patch_index import read_index
from train.tiles import load_tiles


def picture_id(n):
    return f"{n:040x}"


def write_labels(folder, rows, name="train_labels.csv"):
    text = "id,label\n" + "".join(f"{name},{label}\n" for name, label in rows)
    if name.endswith(".zip"):
        with zipfile.ZipFile(folder / name, "w") as archive:
            archive.writestr("train_labels.csv", text)
    else:
        (folder / name).write_text(text)


@pytest.fixture
def make(tmp_path, write_patch):
    """A function that writes a folder as Kaggle gives it: 40 pictures of 96x96 px in train/, 2 in test/, labels."""

    def write(suffix=".tif", labels="train_labels.csv", count=40):
        folder = tmp_path / "hcd"
        for n in range(count):
            write_patch(folder / "train" / f"{picture_id(n)}{suffix}", 96, 96, seed=n)
        for n in range(2):
            write_patch(folder / "test" / f"{picture_id(1000 + n)}{suffix}", 96, 96, seed=1000 + n)
        (folder / "sample_submission.csv").write_text("id,label\n")
        write_labels(folder, [(picture_id(n), n % 2) for n in range(count)], labels)
        return folder

    return write


@pytest.mark.parametrize("suffix", [".tif", ".png"])
@pytest.mark.parametrize("labels", ["train_labels.csv", "train_labels.csv.zip", "train_labels.zip"])
def test_pictures_and_labels_are_read_as_kaggle_gives_them(make, suffix, labels):
    rows = read_labelled(make(suffix, labels, count=6))
    assert [(row.status, row.label, row.format, row.split_by) for row in rows] == [
        ("ok", n % 2, "hcd", "picture") for n in range(6)
    ]
    assert [row.patient_id for row in rows] == [picture_id(n) for n in range(6)]
    assert {(row.x, row.y) for row in rows} == {(-1, -1)}


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate"])
def test_tiffs_of_another_writer_give_the_same_pixels(make, compression):
    image = pytest.importorskip("PIL.Image")
    folder = make(count=2)
    path = folder / "train" / f"{picture_id(0)}.tif"
    before = HCD.decode(path.read_bytes())
    image.fromarray(read_picture(path)).save(path, compression=compression)
    assert np.array_equal(HCD.decode(path.read_bytes()), before)


def test_from_a_folder_to_tiles_with_the_command(command, make, tmp_path):
    index = tmp_path / "index.csv"
    code, out, err = command(main, "index", make(), "--out", index)
    found = json.loads(out)
    assert code == 0 and found["format"] == "hcd" and "NO PATIENT IS KNOWN" in err
    assert found["splits"]["test"] == {"patients": 8, "no_metastasis": 4, "metastasis": 4}
    data = load_tiles(read_index(index), "train", cache_beside(index))
    assert data.tiles.shape == (28, 50, 50, 3) and data.leaky and data.format == "hcd"


def test_a_tile_is_what_the_device_makes_of_the_picture():
    pixels = np.random.default_rng(0).integers(0, 256, (96, 96, 3), np.uint8)
    field = to_field(Frame(pixels, 0.97, 0, "picture"), HCD.um_per_px, 50)
    assert HCD.um_per_px == pytest.approx(0.97 * 96 / 50) and f"{HCD.um_per_px:.2f}" == "1.86"
    assert np.array_equal(HCD.tile(pixels), field.pixels)
    assert HCD.tile(pixels).mean() == pytest.approx(pixels.mean(), abs=0.5)


def test_slides_that_are_published_keep_pictures_together(command, make, tmp_path):
    folder, groups = make(), tmp_path / "patch_id_wsi.csv"
    groups.write_text("id,wsi\n" + "".join(f"{picture_id(n)},tumor_{n // 4}\n" for n in range(38)) + "other,tumor_9\n")
    code, _, err = command(main, "index", folder, "--groups", groups, "--out", tmp_path / "index.csv")
    rows = read_index(tmp_path / "index.csv")
    assert code == 0 and {row.split_by for row in rows} == {"patient"}
    sides = {row.group: set() for row in rows if row.status == "ok"}
    for row in rows:
        if row.status == "ok":
            sides[row.group].add(row.split)
    assert len(sides) == 10 and all(len(found) == 1 for found in sides.values())
    assert [row.path.endswith(f"{picture_id(n)}.tif") for n, row in enumerate(rows) if row.status == "no_group"] == [
        True,
        True,
    ]
    assert "in no group: 2 pictures" in err and picture_id(39) in err and "NO PATIENT" not in err


def test_edges_copies_of_a_name_and_other_files_are_left_out(make, write_patch):
    folder = make(count=4)
    write_patch(folder / "train" / f"{picture_id(0)}.tif", 96, 50)
    write_patch(folder / "train" / f"{picture_id(1)}.png", 96, 96)
    (folder / "train" / f"{picture_id(2)}.tif").write_bytes(b"II*\0")
    (folder / "train" / "Thumbs.db").write_bytes(b"")
    found = {row.path.rsplit("/")[-1][-5:]: row.status for row in read_labelled(folder)}
    assert found == {
        "0.tif": "edge",
        "1.png": "ok",
        "1.tif": "duplicate",
        "2.tif": "unreadable",
        "3.tif": "ok",
        "bs.db": "stray",
    }


A, B = picture_id(0), picture_id(1)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([(A, 0), (B, 1), ("ghost", 1)], "1 labels have no picture: ghost"),
        ([(A, 0)], f"1 pictures have no label: {B}"),
        ([(A, 0), (B, 1), (A, 1)], f"1 ids are listed twice with another label: {A}"),
        ([(A, 0), (B, 2)], f"labels 0 and 1, found '2' for {B}"),
        ([(A, 0), (B, "")], f"labels 0 and 1, found '' for {B}"),
        ([], "expected rows of id and label, found none"),
    ],
)
def test_labels_that_do_not_fit_the_pictures_are_refused_by_name(make, rows, message):
    folder = make(count=2)
    write_labels(folder, rows)
    with pytest.raises(BadInput, match=message):
        read_labelled(folder)


def test_a_row_that_is_there_twice_with_one_label_does_no_harm(make):
    folder = make(count=2)
    write_labels(folder, [(A, 0), (B, 1), (A, 0)])
    assert len(read_labelled(folder)) == 2


def zip_of(folder, members):
    with zipfile.ZipFile(folder / "train_labels.csv.zip", "w") as archive:
        for name in members:
            archive.writestr(name, "id,label\n")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: None, "train_labels.csv or train_labels.csv.zip"),
        (
            lambda folder: (folder / "train_labels.csv").write_text("name,class\na,1\n"),
            "columns id and label, found name",
        ),
        (lambda folder: (folder / "train_labels.csv").write_bytes(b"\xff\xfe\x00"), "expected a CSV"),
        (lambda folder: (folder / "train_labels.csv.zip").write_bytes(b"PK\3\4 half"), "expected a CSV .*zip"),
        (lambda folder: zip_of(folder, ["other.csv"]), "expected one train_labels.csv in .*, found other.csv"),
    ],
)
def test_labels_that_cannot_be_read_are_refused(make, spoil, message):
    folder = make(count=2)
    (folder / "train_labels.csv").unlink()
    spoil(folder)
    with pytest.raises(BadInput, match=message):
        read_labelled(folder)


def test_a_picture_in_two_groups_is_refused(make, tmp_path):
    (tmp_path / "groups.csv").write_text(f"id,group\n{A},1\n{A},2\n")
    with pytest.raises(BadInput, match=f"listed twice with another group: {A}"):
        read_labelled(make(count=2), tmp_path / "groups.csv")


def test_a_folder_that_holds_both_formats_is_refused_until_one_is_named(command, make, write_patch, tmp_path):
    folder = make()
    for n in range(9):
        write_patch(folder / f"idc/{n}/{n % 2}/{n}_idx5_x1_y1_class{n % 2}.png", seed=n)
    code, out, err = command(main, "index", folder, "--out", tmp_path / "index.csv")
    assert code == 2 and out == "" and "both IDC patches" in err and not (tmp_path / "index.csv").exists()
    code, out, _ = command(main, "index", folder, "--format", "hcd", "--out", tmp_path / "index.csv")
    assert code == 0 and json.loads(out)["format"] == "hcd"


def test_the_folder_above_is_told_where_the_labels_lie(command, make, tmp_path):
    folder = make(count=2)
    (tmp_path / "up").mkdir()
    shutil.move(folder, tmp_path / "up" / "hcd")
    code, _, err = command(main, "index", tmp_path / "up", "--out", tmp_path / "index.csv")
    assert code == 2 and f"give the folder {tmp_path / 'up' / 'hcd'}" in err
