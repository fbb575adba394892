"""What a fit has seen, epoch by epoch: history.jsonl for programs, TensorBoard logs for people."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from edge_runtime.atomic import write_text

from .keras import tf

HISTORY, BOARD = "history.jsonl", "tensorboard"


class History:
    """The records of a fit's epochs. The leader writes them; every process keeps the same."""

    def __init__(self, folder: Path, epochs: int, leads: bool = True) -> None:
        """Take up the first `epochs` records in `folder`; what a killed run wrote beyond its checkpoint is dropped."""
        self._folder, self._leads = folder, leads
        self.records = read_history(folder)[:epochs]
        self._board: Any = None

    @property
    def best(self) -> dict[str, Any]:
        """The record of the epoch with the highest validation AUC, the first of equals."""
        return max(self.records, key=lambda record: record["val_auc"])

    def would_be_best(self, record: dict[str, Any]) -> bool:
        """Tell whether no epoch before reached this validation AUC."""
        return not self.records or bool(record["val_auc"] > self.best["val_auc"])

    def append(self, record: dict[str, Any]) -> None:
        """Add an epoch and write all of them."""
        self.records.append(record)
        if self._leads:
            write_text(self._folder / HISTORY, "".join(json.dumps(past) + "\n" for past in self.records))
            self._show(record)

    def _show(self, record: dict[str, Any]) -> None:
        if self._board is None:  # a resumed run draws its curves anew, so that none is drawn twice
            shutil.rmtree(self._folder / BOARD, ignore_errors=True)
            self._board = tf.summary.create_file_writer(str(self._folder / BOARD))
            shown = self.records
        else:
            shown = [record]
        with self._board.as_default():
            for past in shown:
                for name, value in past.items():
                    if name != "epoch":
                        _scalar(name, value, past["epoch"])
        self._board.flush()

    def close(self) -> None:
        """Close the TensorBoard log."""
        if self._board is not None:
            self._board.close()


def read_history(folder: Path) -> list[dict[str, Any]]:
    """Return the records in a fit's folder, none where there are none."""
    path = folder / HISTORY
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _scalar(name: str, value: float, epoch: int) -> None:
    # tf.summary.scalar needs the tensorboard package, which only who looks at the curves needs
    kind = tf.compat.v1.SummaryMetadata(
        plugin_data=tf.compat.v1.SummaryMetadata.PluginData(plugin_name="scalars"), data_class="DATA_CLASS_SCALAR"
    )
    tf.summary.write(name, tf.constant(value, tf.float32), step=epoch, metadata=kind)
