"""An action that stops the training at a round of its choice."""


class Stops:
    def __init__(self, at, best):
        self.at, self.best = at, best

    def on_findings(self, run, findings, knobs):
        if run.n_rounds >= self.at:
            knobs.stop(best_round=self.best, reason="mine")
