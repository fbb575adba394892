import json

import pytest

from edge_runtime.errors import BadInput
from train.cluster import read_cluster

TWO = {"worker": ["a:1", "b:2"]}


def config(cluster, role="worker", index=0):
    return json.dumps({"cluster": cluster, "task": {"type": role, "index": index}})


@pytest.mark.parametrize(
    ("text", "leads"),
    [
        (config(TWO, index=0), True),
        (config(TWO, index=1), False),
        (config({"chief": ["c:3"], **TWO}, index=0), False),
        (config({"chief": ["c:3"], **TWO}, "chief"), True),
    ],
)
def test_one_process_leads_the_chief_or_else_the_first_worker(text, leads):
    assert read_cluster(text).leads is leads


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (None, "nothing in the environment"),
        ("{", "no JSON"),
        ("[]", "no cluster and task"),
        ('{"cluster": {"worker": ["a:1"]}}', "no cluster and task"),
        (config({"ps": ["a:1"]}, "ps"), "the role 'ps'"),
        (config({"chief": ["a:1", "b:2"]}, "chief"), "one chief at most"),
        (config({"worker": []}), "a list of addresses"),
        (config({"worker": ["a"]}), "host:port is wanted"),
        (config({"worker": ["a:99999"]}), "host:port is wanted"),
        (config(TWO, "chief"), "the task type 'chief'"),
        (config(TWO, index=2), "the task index 2, where there are 2"),
        (config(TWO, index="0"), "the task index '0'"),
    ],
)
def test_a_bad_tf_config_is_refused_with_an_example(text, found):
    with pytest.raises(BadInput, match="expected TF_CONFIG like") as error:
        read_cluster(text)
    assert found in str(error.value)


def test_fit_refuses_a_bad_tf_config_before_it_reads_any_tile(command, monkeypatch, tmp_path):
    from train.cli import main

    monkeypatch.setenv("TF_CONFIG", "{}")
    code, _, err = command(main, "fit", "--strategy", "multiworker", "--index", tmp_path / "none.csv")
    assert code == 2 and "TF_CONFIG" in err
