//! The database's errors in the ledger's words.

use crate::incident::LedgerError;

/// SQLite's result codes, the low byte.
const FULL: i32 = 13;
const CORRUPT: i32 = 11;
const NOT_A_DATABASE: i32 = 26;

/// What `error` means for the ledger.
pub(super) fn of(error: &sqlx::Error) -> LedgerError {
    let said = error.to_string();
    let code = error.as_database_error().and_then(|e| e.code()).and_then(|code| code.parse::<i32>().ok());
    match code.map(|code| code & 0xff) {
        Some(FULL) => LedgerError::Full(said),
        Some(CORRUPT | NOT_A_DATABASE) => LedgerError::Damaged(said),
        _ => LedgerError::Failed(said),
    }
}

/// A value that no writer of this schema stores.
pub(super) fn unreadable(column: &str, value: &str) -> LedgerError {
    LedgerError::Damaged(format!("`{column}` holds `{value}`"))
}

/// Whether a rule of uniqueness was broken.
pub(super) fn is_duplicate(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|e| e.is_unique_violation())
}
