//! The variables of the environment that more than one command reads, as the SDK reads them.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use thrivestack_core::environment;

pub(super) const KEY: &str = environment::API_KEY.name;
pub(super) const KEY_FILE: &str = environment::API_KEY_FILE.name;
pub(super) const DISABLED: &str = environment::DISABLED.name;
pub(super) const DEBUG: &str = environment::DEBUG.name;

/// The API key, which is not to be shown.
pub(super) struct FoundKey {
    pub(super) key: String,
    /// The file that it is in.
    pub(super) file: Option<PathBuf>,
}

/// The key of the environment, if there is one. An empty variable is as good as none.
pub(super) fn key(
    variable: impl Fn(&str) -> Option<OsString>,
    read_file: impl Fn(&Path) -> Option<String>,
) -> Option<FoundKey> {
    let set = |name| variable(name).filter(|value| !value.is_empty());
    if let Some(key) = set(KEY) {
        return Some(FoundKey { key: key.to_string_lossy().into_owned(), file: None });
    }
    let file = PathBuf::from(set(KEY_FILE)?);
    let content = read_file(&file)?;
    // The one line break that editors and secret stores put at the end.
    let key = content.strip_suffix('\n').map_or(&*content, |key| key.strip_suffix('\r').unwrap_or(key));
    Some(FoundKey { key: key.to_owned(), file: Some(file) })
}

/// Returns true if the SDK reads the value as yes. It reads others as no, or rejects them.
pub(super) fn is_yes(value: Option<&str>) -> bool {
    value.and_then(environment::switch) == Some(true)
}
