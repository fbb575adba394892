"""Read TF_CONFIG: which hosts train together, and which of them this one is. Needs no TensorFlow."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from edge_runtime.errors import BadInput

NONE, MIRRORED, MULTIWORKER = STRATEGIES = ("none", "mirrored", "multiworker")
"""How many devices train one network: one; all of this host; all of several hosts."""
EXAMPLE = '{"cluster": {"worker": ["host1:2222", "host2:2222"]}, "task": {"type": "worker", "index": 0}}'
_ROLES = ("chief", "worker")


@dataclass(frozen=True)
class Cluster:
    """Several hosts, one process each, that train one network together."""

    hosts: dict[str, list[str]]
    """host:port of every process, by role: chief (none or one) and worker."""
    role: str
    """This process's role."""
    index: int
    """Its place in that role's list."""

    @property
    def leads(self) -> bool:
        """Whether this process writes the run: the chief, or the first worker where there is none."""
        return self.index == 0 and (self.role == "chief" or "chief" not in self.hosts)


def read_cluster(text: str | None) -> Cluster:
    """Read the value of TF_CONFIG, as TensorFlow defines it; refuses anything that would let it wait for ever."""
    if not text:
        raise _bad("nothing in the environment")
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise _bad(f"no JSON ({error})") from error
    hosts, task = (values.get(key) for key in ("cluster", "task")) if isinstance(values, dict) else (None, None)
    if not isinstance(hosts, dict) or not isinstance(task, dict):
        raise _bad("no cluster and task in it")
    for role, addresses in hosts.items():
        _check_hosts(role, addresses)
    role, index = str(task.get("type")), task.get("index")
    if role not in hosts:
        raise _bad(f"the task type {role!r}, which its cluster does not have ({', '.join(hosts) or 'nothing'})")
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < len(hosts[role]):
        raise _bad(f"the task index {index!r}, where there are {len(hosts[role])} of type {role}, from 0")
    return Cluster(hosts, role, index)


def _check_hosts(role: str, addresses: Any) -> None:
    if role not in _ROLES:
        raise _bad(f"the role {role!r}; known are {' and '.join(_ROLES)}")
    if not isinstance(addresses, list) or not addresses or (role == "chief" and len(addresses) > 1):
        raise _bad(f"{addresses!r} as {role}; a list of addresses is wanted, of one chief at most")
    for address in addresses:
        host, _, port = str(address).rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
            raise _bad(f"the address {address!r}; host:port is wanted")


def _bad(found: str) -> BadInput:
    return BadInput(f"--strategy multiworker: expected TF_CONFIG like {EXAMPLE}, found {found}; set it on every host")
