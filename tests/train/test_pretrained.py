from pathlib import Path

import pytest

from edge_runtime.errors import BadInput
from train.pretrained import FILE, IMAGENET, KERAS_FILES, Weights, choose_weights


def test_a_network_with_a_backbone_starts_from_imagenet_unless_told_otherwise():
    assert {choose_weights(network, None).source for network in KERAS_FILES} == {IMAGENET}
    assert choose_weights("vgg16", "none") == Weights()


def test_a_network_without_a_backbone_starts_from_random_weights():
    assert choose_weights("lean", None) == choose_weights("lean", "none") == Weights()


def test_weights_for_a_network_without_a_backbone_are_refused():
    with pytest.raises(BadInput, match=r"network with a backbone \(mobilenet_v2, .*found it for lean"):
        choose_weights("lean", "imagenet")


def test_a_file_is_taken_by_its_path(tmp_path):
    path = tmp_path / "mine.h5"
    path.write_bytes(b"")
    assert choose_weights("resnet50", str(path)) == Weights(FILE, path)


@pytest.mark.parametrize(("name", "why"), [("missing.h5", "no such file"), ("mine.txt", r"ends in \.txt")])
def test_a_file_that_cannot_be_weights_is_refused_at_once(tmp_path, name, why):
    (tmp_path / "mine.txt").write_text("")
    with pytest.raises(BadInput, match=f"imagenet, none or a file of Keras weights .*{why}"):
        choose_weights("resnet50", str(tmp_path / name))


def test_the_command_line_refuses_weights_before_anything_is_read(command, tmp_path):
    from train.cli import main

    missing = Path(tmp_path / "none.csv")
    code, _, err = command(main, "fit", "--network", "lean", "--weights", "imagenet", "--index", missing)
    assert code == 2 and "leave it away" in err
