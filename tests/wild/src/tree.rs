//! Copies of a crate's sources, and the files in them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::Result;
use crate::annotate::{Function, annotated, functions};

/// A copy of a crate's sources with the dependencies that the attributes need.
pub(crate) struct Tree {
    pub(crate) root: PathBuf,
    /// The sources as they were published, by their path in the crate.
    files: BTreeMap<String, File>,
}

struct File {
    source: String,
    functions: Vec<Function>,
}

/// A function of a tree: its file, and its place among the functions of the file.
pub(crate) type FunctionId = (String, usize);

impl Tree {
    /// Copies the crate at `from` to `to`, and appends to its manifest.
    pub(crate) fn copy(from: &Path, to: &Path, manifest: &str) -> Result<Self> {
        let _ = fs::remove_dir_all(to);
        let mut tree = Self { root: to.to_owned(), files: BTreeMap::new() };
        tree.copy_folder(from, "")?;
        let path = to.join("Cargo.toml");
        let written = fs::read_to_string(&path)?;
        fs::write(&path, written + manifest)?;
        Ok(tree)
    }

    fn copy_folder(&mut self, from: &Path, inside: &str) -> Result<()> {
        fs::create_dir_all(self.root.join(inside))?;
        for entry in fs::read_dir(from.join(inside))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if inside.is_empty() { name.clone() } else { format!("{inside}/{name}") };
            if entry.file_type()?.is_dir() {
                self.copy_folder(from, &path)?;
                continue;
            }
            // Every tree resolves anew what its manifest asks for, with this machine's compiler.
            if ["Cargo.lock", "Cargo.toml.orig", "rust-toolchain", "rust-toolchain.toml"].contains(&&*name) {
                continue;
            }
            fs::copy(entry.path(), self.root.join(&path))?;
            let is_annotated = path.starts_with("src/") || path.starts_with("tests/");
            if is_annotated && name.ends_with(".rs") {
                let source = fs::read_to_string(entry.path())?;
                let functions = functions(&source).unwrap_or_default();
                self.files.insert(path, File { source, functions });
            }
        }
        Ok(())
    }

    /// Every function of `src` and `tests`.
    pub(crate) fn functions(&self) -> impl Iterator<Item = (FunctionId, &Function)> {
        self.files.iter().flat_map(|(path, file)| {
            file.functions.iter().enumerate().map(|(at, function)| ((path.clone(), at), function))
        })
    }

    pub(crate) fn function(&self, id: &FunctionId) -> &Function {
        &self.files[&id.0].functions[id.1]
    }

    /// Returns the functions around a line, the innermost first.
    pub(crate) fn around(&self, path: &str, line: usize) -> Vec<FunctionId> {
        let Some(file) = self.files.get(path) else { return Vec::new() };
        let mut around: Vec<usize> = (0..file.functions.len())
            .filter(|at| {
                let (first, last) = file.functions[*at].lines;
                (first..=last).contains(&line)
            })
            .collect();
        around.sort_by_key(|at| {
            let (first, last) = file.functions[*at].lines;
            last - first
        });
        around.into_iter().map(|at| (path.to_owned(), at)).collect()
    }

    /// Writes every file with the attributes that its functions have now.
    pub(crate) fn write<'a>(&self, attribute: impl Fn(&FunctionId) -> Option<&'a str>) -> Result<()> {
        for (path, file) in &self.files {
            let ids: BTreeMap<usize, FunctionId> = file
                .functions
                .iter()
                .enumerate()
                .map(|(at, function)| (function.offset(), (path.clone(), at)))
                .collect();
            let text =
                annotated(&file.source, &file.functions, |function| attribute(&ids[&function.offset()]));
            fs::write(self.root.join(path), text)?;
        }
        Ok(())
    }
}
