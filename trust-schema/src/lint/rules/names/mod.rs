//! Names that deceive.

use crate::lint::rules::shared::group;

group! {
    "Names that deceive";
    mixed_script_identifier,
    invisible_character_in_name,
    case_twins,
}
