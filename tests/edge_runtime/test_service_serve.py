"""The page as a service: what its unit may read and write."""

from __future__ import annotations

import pwd

import pytest

from edge_runtime.cli import _parser
from edge_runtime.errors import BadInput
from edge_runtime.service.asked import STATE, unit_of

JOB = ["serve", "synthetic:", "--session", f"{STATE}/sessions"]


def unit(*words, user="cancernet"):
    words = [*JOB, *map(str, words)]
    return unit_of(words, _parser().parse_args(words), user)


def test_a_served_instrument_is_on_the_network_and_records_below_the_state_folder():
    found = unit("--host", "0.0.0.0", "--pair")
    assert found.is_on_network and found.has_page and not found.writable and found.command[-7:-3] == JOB


def test_the_pages_calibration_need_not_be_there_but_must_lie_where_the_page_can_write_it(tmp_path):
    assert unit("--calibration", STATE / "instrument.json")
    with pytest.raises(BadInput, match="where the page can write it"):
        unit("--calibration", "/etc/cancernet/nowhere.json")
    with pytest.raises(BadInput, match="absolute"):
        unit("--calibration", "instrument.json")
    there = tmp_path / "i.json"
    there.write_text("{}")
    there.chmod(0o644)
    assert str(there) in unit("--calibration", there).visible


def test_secrets_are_shown_to_the_service_where_it_is_their_owner(tmp_path):
    secret = tmp_path / "password"
    with pytest.raises(BadInput, match="expected --password-file at"):
        unit("--password-file", secret)
    secret.write_text("x")
    secret.chmod(0o600)
    me = pwd.getpwuid(secret.stat().st_uid).pw_name
    assert str(secret) in unit("--password-file", secret, user=me).visible
    with pytest.raises(BadInput, match="sudo chown cancernet"):
        unit("--password-file", secret)
