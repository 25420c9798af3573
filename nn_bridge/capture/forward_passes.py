"""Forward passes of the whole net, counted by what they are for and the mode the net is in."""

from __future__ import annotations

from dataclasses import dataclass

from nn_bridge.record.tensor_streams import MODE, TensorKey


@dataclass
class ForwardPasses:
    """ForwardPasses since the round began. With gradients: training; without: evaluation."""

    training: int = 0
    training_in_eval_mode: int = 0
    evaluation: int = 0
    evaluation_in_train_mode: int = 0
    evaluation_rows: int = 0

    def add(self, *, has_gradients: bool, is_training: bool, n_rows: int) -> None:
        """Count a pass."""
        if has_gradients:
            self.training += 1
            self.training_in_eval_mode += not is_training
        else:
            self.evaluation += 1
            self.evaluation_in_train_mode += is_training
            self.evaluation_rows += n_rows

    def values(self) -> dict[TensorKey, float]:
        """Return the shares of the passes that ran in the wrong mode."""
        values: dict[TensorKey, float] = {}
        if self.training:
            values[TensorKey("", MODE, "eval_mode_share")] = self.training_in_eval_mode / self.training
        if self.evaluation:
            values[TensorKey("", MODE, "train_mode_share")] = self.evaluation_in_train_mode / self.evaluation
            values[TensorKey("", MODE, "evaluation_rows")] = self.evaluation_rows
        return values
