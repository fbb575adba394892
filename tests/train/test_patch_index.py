import dataclasses
import json
import shutil

import pytest

from edge_runtime.errors import BadInput
from train.cli import main
from train.idc import read_archive
from train.patch_index import IndexRow, read_index, summarize, write_index


def names(folder, patient, count, label, start=0):
    return [
        folder / patient / str(label) / f"{patient}_idx5_x{50 * n + 1}_y1_class{label}.png"
        for n in range(start, start + count)
    ]


@pytest.fixture
def archive(tmp_path, write_patch):
    """Two patients with two patches of each class, and every quirk of the public archive."""
    folder = tmp_path / "idc"
    for patient in ("8863", "8864"):
        for label in (0, 1):
            for n, path in enumerate(names(folder, patient, 2, label, 2 * label)):
                write_patch(path, seed=int(patient) + 10 * (2 * label + n))
    write_patch(folder / "8863/0/8863_idx5_x951_y1_class0.png", 50, 31)
    truncated = folder / "8863/1/8863_idx5_x9951_y9951_class1.png"
    truncated.write_bytes(names(folder, "8863", 1, 0)[0].read_bytes()[:200])
    (folder / ".DS_Store").write_bytes(b"Bud1")
    shutil.copytree(folder / "8864", folder / "IDC_regular_ps50_idx5" / "8864")
    write_patch(folder / "8864/1/8864_idx5_x701_y1_class0.png")
    write_patch(folder / "8864/0/8863_idx5_x801_y1_class0.png")
    return folder


def statuses(rows):
    return summarize(rows)["files"]


def test_every_quirk_of_the_public_archive_is_counted_and_left_out(archive):
    assert statuses(read_archive(archive, 50)) == {
        "ok": 8,
        "edge": 1,
        "unreadable": 1,
        "duplicate": 4,
        "contradicts_folder": 2,
        "stray": 1,
    }


def test_labels_patients_and_places_come_from_the_names(archive):
    row = next(row for row in read_archive(archive, 50) if row.path.endswith("8864_idx5_x151_y1_class1.png"))
    assert (row.patient_id, row.x, row.y, row.label, row.status) == ("8864", 151, 1, 1, "ok")


def test_a_flat_folder_is_read_as_well(archive, tmp_path):
    flat = tmp_path / "flat"
    flat.mkdir()
    for row in read_archive(archive, 50):
        if row.status == "ok":
            shutil.copy(row.path, flat)
    assert statuses(read_archive(flat, 50)) == {"ok": 8}


def test_a_nested_copy_alone_is_no_duplicate(archive):
    nested = archive / "IDC_regular_ps50_idx5"
    assert statuses(read_archive(nested, 50)) == {"ok": 4}


def test_an_index_survives_the_way_to_the_file_and_back(archive, tmp_path):
    rows = read_archive(archive, 50)
    write_index(rows, tmp_path / "index.csv")
    assert read_index(tmp_path / "index.csv") == rows


def test_an_index_of_before_formats_is_read_as_idc_split_by_patient_and_says_so(tmp_path, caplog):
    caplog.set_level("INFO")
    (tmp_path / "index.csv").write_text(
        "path,patient_id,group,x,y,label,split,status\n/a.png,1,1,51,1,0,train,ok\n/b,,,-1,-1,-1,,stray\n"
    )
    rows = read_index(tmp_path / "index.csv")
    assert rows[0] == IndexRow("/a.png", "1", "1", 51, 1, 0, "train", "ok", "idc", "patient", "")
    assert "does not tell its format" in caplog.text


@pytest.mark.parametrize(("name", "value"), [("format", "hcd"), ("split_by", "tile")])
def test_an_index_that_mixes_is_refused(tmp_path, name, value):
    row = IndexRow("/a.png", "1", "1", 51, 1, 0, "train")
    write_index([row, dataclasses.replace(row, **{name: value})], tmp_path / "index.csv")
    with pytest.raises(BadInput, match=f"expected one {name} in an index"):
        read_index(tmp_path / "index.csv")


@pytest.mark.parametrize(
    "text", ["", "a,b\n1,2\n", "path,x\n\x00", "path,patient_id,group,x,y,label,split,status\n/a,1\n"]
)
def test_a_file_that_is_no_index_is_refused_by_name(tmp_path, text):
    path = tmp_path / "index.csv"
    path.write_text(text)
    with pytest.raises(BadInput, match="is no index"):
        read_index(path)


def test_a_folder_without_patches_is_one_line_and_exit_code_2(command, tmp_path):
    code, out, err = command(main, "index", tmp_path, "--out", tmp_path / "index.csv")
    assert code == 2 and out == "" and "_idx5_x" in err and not (tmp_path / "index.csv").exists()


def test_the_command_writes_the_index_and_says_what_it_found(command, archive, tmp_path):
    splits = tmp_path / "splits.csv"
    splits.write_text("patient_id,split\n8863,train\n8864,test\n")
    code, out, err = command(main, "index", archive, "--splits", splits, "--out", tmp_path / "index.csv")
    found = json.loads(out)
    assert code == 0 and found["splits"]["train"] == {"patients": 1, "no_idc": 2, "idc": 2}
    assert "unreadable" in err and "x9951" in err
