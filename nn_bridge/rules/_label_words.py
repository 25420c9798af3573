"""What NN918 says and proposes."""

from __future__ import annotations

from treedebug.core.findings import Change

WORDS = {
    "chance": "never got below that of a guess: training and validation do not have the same labels for the "
    "same inputs",
    "noise": "stays far below it: the training labels are much noisier than those of validation, or "
    "training is made harder by dropout or augmentation",
    "rise": "has risen since its best round while training went on: labels that are noise, or too few rows, are "
    "learned by heart",
}
LOOK = Change("labels", "look at twenty rows", "inputs and labels side by side, as the loss gets them")
DECAY = Change("weight_decay", 0.01, "or more rows, or a smaller net, if the labels are right")
