import numpy as np

from train.fields import FIELDS, cut_fields


def grid(rows, columns, slide="a", step=50):
    ys, xs = np.mgrid[:rows, :columns] * step + 1
    return np.full(rows * columns, slide), xs.ravel(), ys.ravel()


def test_a_slide_is_cut_into_blocks_from_its_top_left_corner():
    fields = cut_fields(*grid(4, 5), (3, 3)).reshape(4, 5)
    blocks = [fields[:3, :3], fields[:3, 3:], fields[3:, :3], fields[3:, 3:]]
    assert all(len(np.unique(block)) == 1 for block in blocks)
    assert len(np.unique(fields)) == 4


def test_no_field_holds_more_tiles_than_its_size_and_all_sizes_cover_every_tile():
    where = grid(13, 17)
    for size in FIELDS.values():
        fields = cut_fields(*where, size)
        assert len(fields) == 13 * 17
        if size is not None:
            assert np.bincount(fields).max() == size[0] * size[1]


def test_a_field_of_8x6_is_eight_tiles_wide_and_six_high():
    _, xs, ys = grid(13, 17)
    fields = cut_fields(np.full(len(xs), "a"), xs, ys, FIELDS["8x6"])
    first = fields == fields[0]
    assert (np.unique(xs[first]).size, np.unique(ys[first]).size) == (8, 6)


def test_fields_never_reach_over_two_slides():
    one, other = grid(2, 2, "a"), grid(2, 2, "b")
    patients, xs, ys = (np.concatenate(pair) for pair in zip(one, other, strict=True))
    assert len(np.unique(cut_fields(patients, xs, ys, (9, 9)))) == 2
    assert len(np.unique(cut_fields(patients, xs, ys, None))) == 2


def test_a_slide_with_holes_keeps_the_fields_of_its_grid():
    patients, xs, ys = grid(6, 6)
    whole = cut_fields(patients, xs, ys, (3, 3))
    kept = np.arange(36) % 5 != 2
    assert np.array_equal(cut_fields(patients[kept], xs[kept], ys[kept], (3, 3)), whole[kept])


def test_a_tile_whose_place_is_not_known_is_a_field_of_its_own():
    patients, unknown = np.array(["a", "a", "a"]), np.full(3, -1)
    for size in ((3, 3), None):
        assert len(np.unique(cut_fields(patients, unknown, unknown, size))) == 3
