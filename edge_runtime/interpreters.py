"""The runtimes that can execute a model, behind one table; each is imported only when it is chosen."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from .errors import BadInput, BadModelFile, MissingDependency

XNNPACK, BUILTIN = "xnnpack", "builtin"
"""Kernel families. Their outputs differ by a step or two; within a family they are the same on every processor."""


@dataclass(frozen=True)
class Runtime:
    """One way to build an interpreter."""

    module: str
    """Where its class `Interpreter` lives."""
    kernels: str
    """XNNPACK or BUILTIN: which golden outputs it must reproduce."""
    install: str
    """What to say where it is missing."""
    resolver: str | None = None
    """Name in OpResolverType; None leaves the runtime's own choice."""


RUNTIMES = {
    "litert": Runtime("ai_edge_litert.interpreter", XNNPACK, "pip install ai-edge-litert"),
    "litert-builtin": Runtime(
        "ai_edge_litert.interpreter", BUILTIN, "pip install ai-edge-litert", "BUILTIN_WITHOUT_DEFAULT_DELEGATES"
    ),
    "tflite-runtime": Runtime(
        "tflite_runtime.interpreter", BUILTIN, "pip install tflite-runtime 'numpy<2' (Python 3.11 and older)"
    ),
}
AUTO = "auto"
_AUTO_ORDER = ("litert", "tflite-runtime")


def build(content: bytes, runtime: str = AUTO, threads: int = 1) -> tuple[Any, str]:
    """Return (interpreter, runtime's name) loaded from the very bytes given; `auto` takes the first installed."""
    if runtime != AUTO and runtime not in RUNTIMES:
        raise BadInput(f"expected an interpreter ({AUTO}, {', '.join(RUNTIMES)}), found {runtime!r}")
    missing: list[str] = []
    for name in _AUTO_ORDER if runtime == AUTO else (runtime,):
        try:
            module = importlib.import_module(RUNTIMES[name].module)
        except ImportError:
            missing.append(f"{name}: {RUNTIMES[name].install}")
            continue
        return _build(module, RUNTIMES[name], content, threads), name
    raise MissingDependency(f"no interpreter is installed; install one of: {'; '.join(missing)}")


def _build(module: Any, runtime: Runtime, content: bytes, threads: int) -> Any:
    options: dict[str, Any] = {"model_content": content, "num_threads": threads}
    if runtime.resolver:
        options["experimental_op_resolver_type"] = getattr(module.OpResolverType, runtime.resolver)
    try:
        interpreter = module.Interpreter(**options)
        interpreter.allocate_tensors()
    except (
        ImportError,
        AttributeError,
        SystemError,
    ) as error:  # tflite-runtime against numpy 2 fails here, not at import
        raise MissingDependency(
            f"{module.__name__} does not work with this numpy ({error}); {runtime.install}"
        ) from error
    except (ValueError, RuntimeError) as error:
        raise BadModelFile(f"the interpreter refuses the model: {error}") from error
    return interpreter
