//! The faults of the catalogue that detectors are to find, and which of them none finds yet, with the reason.
//!
//! Each detector's card says which ids it covers; `CATALOGUE.md` beside this file is written from both.

/// The groups of the catalogue with the ids that are wanted of each.
pub const WANTED: &[(&str, &[&str])] = &[
    (
        "A. Blocked",
        &[
            "BF01", "BF02", "BF03", "BF04", "BF05", "BF06", "BF07", "BF08", "BF09", "BF10", "BF11", "BF12", "BF15",
            "BF17", "BF18", "BF19", "BF20", "BF21", "BF22", "BF23", "BF24",
        ],
    ),
    (
        "B. Broken page",
        &[
            "BP01", "BP02", "BP03", "BP04", "BP05", "BP06", "BP07", "BP08", "BP09", "BP10", "BP11", "BP12", "BP14",
            "BP15", "BP16", "BP17", "BP18",
        ],
    ),
    ("C. Looks broken", &["VB01", "VB02", "VB03", "VB04", "VB05", "VB06", "VB07", "VB11", "VB13", "VB14"]),
    (
        "D. Abnormal product state",
        &[
            "PS01", "PS02", "PS03", "PS04", "PS05", "PS06", "PS07", "PS08", "PS09", "PS10", "PS11", "PS12", "PS14",
            "PS15", "PS16", "PS17", "PS19", "PS20", "PS21", "PS22", "PS23", "PS24", "PS25", "PS26", "PS27", "PS28",
            "PS29", "PS30",
        ],
    ),
    ("E. Slow", &["SD01", "SD03", "SD04", "SD05", "SD06", "SD08", "SD11", "SD13"]),
    (
        "F. Security and compliance",
        &[
            "SC01", "SC02", "SC03", "SC04", "SC05", "SC06", "SC07", "SC08", "SC09", "SC10", "SC11", "SC12", "SC13",
            "SC14", "SC15", "SC16",
        ],
    ),
    (
        "G. Content",
        &[
            "CT01", "CT02", "CT03", "CT04", "CT05", "CT06", "CT07", "CT08", "CT09", "CT10", "CT11", "CT12", "CT13",
            "CT14", "CT15",
        ],
    ),
];

/// What no detector finds yet, and why.
pub const NOT_YET: &[(&str, &str)] =
    &[("SD11", "no matter of one walk: the fold of incidents watches first looks for it (`incident::odds`)")];
