//! Secrets and rows of seeds.

use crate::lint::rules::shared::group;

group! {
    "Secrets and rows of seeds";
    secret_literal,
    connection_string,
    seed_personal_data,
    seed_nondeterministic,
    seed_identity_override,
    unresolved_placeholder,
    plaintext_credential_column,
}
