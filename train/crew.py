"""The devices that train one network together (tf.distribute): open them, divide batches, wait for each other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from edge_runtime.errors import EXIT_DEVICE_FAILED, BadInput, CancerNetError

from .cluster import MIRRORED, MULTIWORKER, NONE, Cluster
from .feed import Share
from .keras import tf

_LOST = (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.DeadlineExceededError, tf.errors.CancelledError)


class HostLost(CancerNetError, OSError):
    """Another host that trains with this one went away."""

    exit_code = EXIT_DEVICE_FAILED


@dataclass(frozen=True)
class Crew:
    """Replicas of a network, each on a device of its own, on this host or on several."""

    strategy: Any
    """A tf.distribute.Strategy."""
    leads: bool = True
    """Whether this process writes the run's files; the others only follow."""
    name: str = NONE
    """One of cluster.STRATEGIES."""

    @property
    def replicas(self) -> int:
        """How many replicas there are, on all hosts."""
        return int(self.strategy.num_replicas_in_sync)

    def spread(self, batches: Callable[[Share], Any]) -> Any:
        """Return an iterator over what each step's replicas are to see; `batches` gives one pipeline's dataset."""

        def pipeline(context: Any) -> Any:
            count = context.num_replicas_in_sync // context.num_input_pipelines
            return batches(Share(context.input_pipeline_id * count, count, context.num_replicas_in_sync))

        return iter(self.strategy.distribute_datasets_from_function(pipeline))

    def local(self, variable: Any) -> Any:
        """Return a variable as this host's first replica has it, without asking the others."""
        return self.strategy.experimental_local_results(variable)[0]

    def wait(self) -> None:
        """Return when every process has come this far, so that what the leader wrote before is there for all."""
        if self.replicas > 1:
            float(self.strategy.reduce("SUM", self.strategy.run(tf.ones, ((),)), axis=None))


def alone() -> Crew:
    """Return a crew of one: the device that TensorFlow chooses."""
    return Crew(tf.distribute.get_strategy())


def open_crew(strategy: str = NONE, devices: int = 0, cluster: Cluster | None = None, threads: int = 0) -> Crew:
    """Make TensorFlow ready and open the devices; must come before anything is computed.

    `devices`: how many of this host's GPUs take part (0: all), or, where it has none, into how many virtual devices its
    CPU is divided, which proves a run and hastens none. `threads`: of the CPU (0: all).
    """
    if threads:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
    gpus = tf.config.list_physical_devices("GPU")
    if strategy == MULTIWORKER and cluster is not None:
        return Crew(_several_hosts(cluster, len(gpus)), cluster.leads, strategy)
    if strategy == MIRRORED:
        return Crew(tf.distribute.MirroredStrategy(_devices(gpus, devices)), name=strategy)
    return alone()


def _devices(gpus: list[Any], wanted: int) -> list[str]:
    if gpus:
        if wanted > len(gpus):
            raise BadInput(f"expected {wanted} GPUs, found {len(gpus)}; lower --devices")
        return [f"/gpu:{n}" for n in range(wanted or len(gpus))]
    if wanted > 1:
        cpu = tf.config.list_physical_devices("CPU")[0]
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * wanted)
    found = len(tf.config.list_logical_devices("CPU"))
    logging.getLogger(__name__).warning("no GPU found: mirrored over %d virtual devices of the CPU", found)
    return [f"/cpu:{n}" for n in range(found)]


def _several_hosts(cluster: Cluster, gpus: int) -> Any:
    others = sorted(host for hosts in cluster.hosts.values() for host in hosts)
    logging.getLogger(__name__).info("this is %s %d; waiting for all of %s", cluster.role, cluster.index, others)
    resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
        tf.train.ClusterSpec(cluster.hosts),
        task_type=cluster.role,
        task_id=cluster.index,
        num_accelerators={"GPU": gpus},
        rpc_layer="grpc",
    )
    return tf.distribute.MultiWorkerMirroredStrategy(cluster_resolver=resolver)


@contextmanager
def others_may_fail(cluster: Cluster | None) -> Iterator[None]:
    """Turn the errors that another host's end causes here into one that says what to do."""
    try:
        yield
    except _LOST as error:
        if cluster is None:
            raise
        reason = str(error).strip().splitlines()[0][:200]
        raise HostLost(
            f"another host went away ({reason}); the checkpoints are whole: give the same command on every host again"
        ) from error
