"""Shapes, mosaic and heat of a drawn slide, against what is there: with places that are told, and with found ones."""

import itertools
import json
import sqlite3
import uuid

import cv2
import numpy as np
import pytest

from benchmarks.export_sessions import microscope_over, record
from edge_runtime.cameras.virtual_microscope import CARCINOMA, Flaws
from edge_runtime.cli import main
from edge_runtime.export.job import export_session
from edge_runtime.export.placing import APART, ORIGINS, REGISTERED, place
from edge_runtime.procedural import make_slide
from edge_runtime.session.reading import read_session

tifffile = pytest.importorskip("tifffile")
shapely = pytest.importorskip("shapely")

UM = 4.0
FRAME = (700, 900)


@pytest.fixture(scope="module")
def slide():
    return make_slide(3, (420, 560))


@pytest.fixture(scope="module", params=["told", "found"])
def exported(request, slide, lean, tmp_path_factory):
    """(kind of places, the session, the folder of what was exported)."""
    root = tmp_path_factory.mktemp(request.param)
    camera = microscope_over(slide, None, 0.25, Flaws(noise=4, falloff=0.3), FRAME)
    recorded = record(root, camera, lean, True, request.param == "told")
    assert main(["export", str(recorded.folder), "--out", str(root / "out"), "--what", "geojson,mosaic"]) == 0
    return request.param, recorded, root / "out"


def test_views_lie_where_they_were_taken(exported):
    how, recorded, _ = exported
    with read_session(recorded.folder) as session:
        placed = place(session)
    assert placed.how == {"told": ORIGINS, "found": REGISTERED}[how]
    assert placed.pieces == 1
    places = np.array([(view.left_um, view.top_um) for view in placed.views])
    true = recorded.origins_um - recorded.origins_um.min(0)
    assert np.abs(places - true).max() < 4.0


def test_the_mosaic_is_the_slide(exported, slide):
    mosaic = tifffile.imread(exported[2] / "mosaic.ome.tiff")
    left, top = np.rint(exported[1].origins_um.min(0) / UM).astype(int)
    there = slide.rgb[top : top + mosaic.shape[0], left : left + mosaic.shape[1]]
    greys = [cv2.cvtColor(each, cv2.COLOR_RGB2GRAY).astype(np.float32) for each in (mosaic, there)]
    shift, _ = cv2.phaseCorrelate(*greys)
    assert np.hypot(*shift) < 1.0
    assert np.corrcoef(greys[0].ravel(), greys[1].ravel())[0, 1] > 0.9


def test_the_heat_lies_on_the_same_px_and_sums_up_to_the_truth(exported, slide):
    heat = tifffile.imread(exported[2] / "heat.ome.tiff")
    assert heat.shape == tifffile.imread(exported[2] / "mosaic.ome.tiff").shape[:2]
    share = np.maximum(heat.astype(float) - 1, 0).sum() / 254
    assert share == pytest.approx((slide.classes == CARCINOMA).sum(), rel=0.02)


def test_regions_lie_where_the_carcinoma_is(exported, slide):
    collection = json.loads((exported[2] / "tiles.geojson").read_text())
    mask = np.zeros(slide.classes.shape, np.uint8)
    corner = exported[1].origins_um.min(0) / UM
    for each in _of(collection, "annotation"):
        rings = [np.rint(np.array(ring) + corner).astype(np.int32) for ring in each["geometry"]["coordinates"]]
        cv2.fillPoly(mask, rings, [1])
    truth = slide.classes == CARCINOMA
    centres = [np.argwhere(each).mean(0) for each in (mask, truth)]
    assert np.hypot(*(centres[0] - centres[1])) < 50 / 2  # half a tile
    assert (mask & truth).sum() / (mask | truth).sum() > 0.75  # what tiles of 50 px can follow


def test_a_region_states_its_area_in_micrometres(exported):
    collection = json.loads((exported[2] / "tiles.geojson").read_text())
    regions = _of(collection, "annotation")
    assert regions
    for each in regions:
        area = shapely.geometry.shape(each["geometry"]).area * UM**2
        assert each["properties"]["measurements"]["area µm^2"] == pytest.approx(area, rel=1e-3)


def test_qupath_can_read_every_feature(exported):
    collection = json.loads((exported[2] / "tiles.geojson").read_text())
    assert collection["type"] == "FeatureCollection"
    height, width = tifffile.imread(exported[2] / "mosaic.ome.tiff").shape[:2]
    seen = set()
    for each in collection["features"]:
        outline = _as_qupath_reads(each)
        assert outline.is_valid and outline.area > 0
        left, top, right, bottom = outline.bounds
        assert left >= -0.5 and top >= -0.5 and right <= width + 4.5 and bottom <= height + 4.5
        seen.add(each["id"])
    assert len(seen) == len(collection["features"])


def test_every_tile_has_its_probability_as_a_measurement(exported):
    collection = json.loads((exported[2] / "tiles.geojson").read_text())
    with read_session(exported[1].folder) as session:
        tiles = [tile for frame in session.frames() for tile in frame.tiles]
    found = [each["properties"]["measurements"]["probability"] for each in _of(collection, "detection")]
    assert found == [tile.result.probability for tile in tiles]


def test_the_files_tell_their_physical_size(exported):
    for name, samples in (("mosaic.ome.tiff", 3), ("heat.ome.tiff", 1)):
        with tifffile.TiffFile(exported[2] / name) as file:
            assert file.is_ome
            assert 'PhysicalSizeX="4.0"' in file.ome_metadata and 'PhysicalSizeYUnit="µm"' in file.ome_metadata
            assert "not a diagnosis" in file.ome_metadata
            page = file.pages[0]
            assert page.is_tiled and page.samplesperpixel == samples
            levels = [level.shape[:2] for level in file.series[0].levels]
            assert all(abs(a[0] - 2 * b[0]) <= 1 and abs(a[1] - 2 * b[1]) <= 1 for a, b in itertools.pairwise(levels))
            assert max(levels[-1]) <= 512


def test_the_same_session_gives_the_same_identities(exported, tmp_path):
    again = json.loads(export_session(exported[1].folder, "geojson", tmp_path).read_text())
    first = json.loads((exported[2] / "tiles.geojson").read_text())
    assert [each["id"] for each in again["features"]] == [each["id"] for each in first["features"]]


def test_the_preview_is_a_picture_of_the_mosaic(exported):
    picture = cv2.imread(str(exported[2] / "mosaic.png"))
    mosaic = tifffile.imread(exported[2] / "mosaic.ome.tiff")
    assert picture.shape[1] == mosaic.shape[1]
    assert picture.shape[0] > mosaic.shape[0]  # a legend below
    assert (picture[mosaic.shape[0] :] < 128).any()


def test_views_that_share_nothing_stand_apart_and_that_is_said(slide, lean, tmp_path):
    camera = microscope_over(slide, None, 0.25, Flaws(), FRAME)
    camera.boxes = [camera.boxes[0], camera.boxes[-1]]
    recorded = record(tmp_path, camera, lean, True, False)
    with read_session(recorded.folder) as session:
        placed = place(session)
    assert placed.how == APART and placed.pieces == 2
    assert "stand apart" in placed.said[0]


def test_without_pictures_tiles_stand_on_white(slide, lean, tmp_path):
    camera = microscope_over(slide, None, 0.25, Flaws(), FRAME)
    recorded = record(tmp_path, camera, lean, True, False, "none")
    with read_session(recorded.folder) as session:
        assert "no pictures were kept" in place(session).said[0]
    mosaic = tifffile.imread(export_session(recorded.folder, "mosaic", tmp_path))
    assert (mosaic == 255).all()
    heat = tifffile.imread(export_session(recorded.folder, "heat", tmp_path))
    assert heat.shape == mosaic.shape[:2] and heat.any()


def test_a_finer_mosaic_wants_whole_frames(slide, lean, tmp_path, capsys):
    camera = microscope_over(slide, None, 0.25, Flaws(), FRAME)
    camera.boxes = camera.boxes[:2]
    fields = record(tmp_path / "fields", camera, lean, True, True)
    whole = record(tmp_path / "frames", camera, lean, True, True, "frames")
    fine = ["--resolution", "0.8", "--what", "mosaic", "--out"]
    assert main(["export", str(fields.folder), *fine, str(tmp_path / "a")]) == 2
    assert "--keep frames" in capsys.readouterr().err
    assert main(["export", str(whole.folder), *fine, str(tmp_path / "b")]) == 0
    mosaic = tifffile.imread(tmp_path / "b" / "mosaic.ome.tiff")
    first = next(camera.frames())
    left, top = (np.array(first.origin_xy) - whole.origins_um.min(0) / 0.8).round().astype(int)
    shown = mosaic[top + 100 : top + 200, left + 100 : left + 200].astype(int)
    assert np.abs(shown - first.pixels[100:200, 100:200]).max() <= 1


def test_marks_become_annotations_with_their_notes(exported, slide, lean, tmp_path):
    camera = microscope_over(slide, None, 0.25, Flaws(), FRAME)
    camera.boxes = camera.boxes[:2]
    recorded = record(tmp_path, camera, lean, True, True)
    with sqlite3.connect(recorded.folder / "session.sqlite") as database:
        database.execute("UPDATE frames SET marked = 1, note = 'mitosis?' WHERE frame = 1")
    database.close()
    collection = json.loads(export_session(recorded.folder, "geojson", tmp_path).read_text())
    marks = [each for each in _of(collection, "annotation") if each["properties"]["name"].startswith("frame ")]
    assert [each["properties"]["metadata"]["ANNOTATION_DESCRIPTION"] for each in marks] == ["mitosis?"]
    assert shapely.geometry.shape(marks[0]["geometry"]).area == pytest.approx(700 * 900 / 25, rel=1e-3)


def _of(collection, kind):
    return [each for each in collection["features"] if each["properties"]["objectType"] == kind]


def _as_qupath_reads(feature):
    """Read a feature by the rules of QuPath 0.4 to 0.6: PathObjectTypeAdapter, ROITypeAdapters."""
    assert feature["type"] == "Feature"
    uuid.UUID(feature["id"])
    properties = feature["properties"]
    assert properties["objectType"] in ("annotation", "detection")
    assert isinstance(properties.get("name", ""), str)
    assert isinstance(properties["isLocked"], bool)
    colour = properties["classification"]["color"]
    named = properties["classification"]
    names = [named["name"]] if "name" in named else named["names"]
    assert ("name" in named) != ("names" in named) and all(isinstance(name, str) and ":" not in name for name in names)
    assert len(colour) == 3 and all(isinstance(part, int) and 0 <= part <= 255 for part in colour)
    assert all(isinstance(value, int | float) for value in properties["measurements"].values())  # Map<String, Double>
    assert all(isinstance(value, str) for value in properties["metadata"].values())
    assert feature["geometry"]["type"] in ("Polygon", "MultiPolygon")
    return shapely.geometry.shape(feature["geometry"])
