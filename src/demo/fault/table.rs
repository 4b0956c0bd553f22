//! The one table of faults: what each is, where it shows and who should say so. What each does stands in its group's file.

use super::{ExpectedClass, Fault};

macro_rules! faults {
    ($($group:literal $file:ident {$(
        $id:ident $class:ident $zh:literal $en:literal
            in [$($journey:literal)*] at $step:literal by $detector:literal;
    )*})*) => {
        &[$($(Fault {
            id: stringify!($id), group: $group, title_zh: $zh, title_en: $en, class: ExpectedClass::$class,
            shows_in: &[$($journey),*], expected_step_hint: $step, expected_detector: $detector,
            effects: super::$file::$id,
        }),*),*]
    };
}

/// Every fault of the demo, in the order of the catalogue.
pub static FAULTS: &[Fault] = faults! {
    'A' blocked {
        BF10 Blocked "点击“下一步”后提示系统异常，申购和转账都无法继续" "Next answers with an error: nobody can buy or transfer"
            in ["fund-purchase" "transfer-confirm"] at "tap 下一步" by "failed API call";
    }
};
