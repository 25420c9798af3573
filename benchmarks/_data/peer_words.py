"""Which of a peer's checks looks for which flaw: the codes of our rules that name the same."""

from __future__ import annotations

KINDS_OF_ISSUES = {
    "deepchecks": {
        "IsSingleValue": "DA604", "SpecialCharacters": "DA614 DA623", "MixedNulls": "DA609 DA614 DA623",
        "MixedDataTypes": "DA614 DA635", "StringMismatch": "DA614", "DataDuplicates": "DA605",
        "StringLengthOutOfBounds": "DA614 DA635", "ConflictingLabels": "DA608", "OutlierSampleDetection": "DA613 DA623",
        "FeatureLabelCorrelation": "DA607 DA629", "FeatureFeatureCorrelation": "DA603 DA619",
        "IdentifierLabelCorrelation": "DA607 DA612", "PercentOfNulls": "DA609", "ClassImbalance": "DA601",
        "DatasetsSizeComparison": "DA624", "NewLabelTrainTest": "DA611 DA615 DA617", "NewCategoryTrainTest": "DA615",
        "StringMismatchComparison": "DA614", "DateTrainTestLeakageDuplicates": "DA621",
        "DateTrainTestLeakageOverlap": "DA621", "TrainTestSamplesMix": "DA606", "FeatureDrift": "DA609 DA610 DA626",
        "FeatureLabelCorrelationChange": "DA607 DA625 DA626", "LabelDrift": "DA611 DA617",
        "MultivariateDrift": "DA610 DA626", "error: label": "DA617", "error: columns": "DA626",
    },
    "evidently": {
        "duplicated rows": "DA605 DA606", "duplicated columns": "DA619", "almost constant columns": "DA604",
        "constant columns": "DA604", "missing values": "DA609 DA617", "value drift": "DA609 DA610 DA611 DA626",
        "drifted columns": "DA610 DA626", "empty columns": "DA609", "column count": "DA626", "row count": "DA624",
        "range": "DA610 DA613 DA617 DA623 DA626 DA633", "mean, spread or quantile": "DA610 DA611 DA626",
        "new or lost categories": "DA614 DA615", "unique values": "DA612 DA616", "error: columns": "DA626",
    },
    "cleanlab": {
        "null": "DA609", "label": "DA608 DA622 DA617 DA633", "outlier": "DA613 DA623",
        "near_duplicate": "DA605 DA606 DA630",
        "non_iid": "DA628 DA621", "class_imbalance": "DA601", "error: label": "DA617",
    },
    "skore": {
        "SKD004": "DA601", "SKD005": "DA601 DA615", "SKD011": "DA607", "SKD012": "DA612", "SKD013": "DA621",
        "error: label": "DA617",
    },
}  # fmt: skip
"""Tool -> its check -> codes. `error: label` and `error: columns`: it refused the table, naming that."""
