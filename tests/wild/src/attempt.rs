//! Annotates a copy of a crate until it compiles, and keeps what the compiler said of each function that was left out.

use std::collections::BTreeMap;
use std::path::Path;

use crate::Result;
use crate::cargo::{Cargo, Message};
use crate::subjects::Subject;
use crate::tree::{FunctionId, Tree};

/// An attribute that is tried.
pub(crate) struct Attribute {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
    /// The attribute for a function of which the macro asks to say what a success is.
    pub(crate) always: Option<&'static str>,
}

/// `#[track_event]`, as a user would write it on a function that has nothing to say.
pub(crate) const TRACK_EVENT: Attribute = Attribute {
    name: "track_event",
    text: "#[::thrivestack::track_event(\"thing_happened\", user_id = 1u32)]",
    always: Some("#[::thrivestack::track_event(\"thing_happened\", user_id = 1u32, on = always)]"),
};

/// The best known peer.
pub(crate) const INSTRUMENT: Attribute =
    Attribute { name: "instrument", text: "#[::tracing::instrument(skip_all)]", always: None };

/// The reason why a function has no attribute.
#[derive(Clone)]
pub(crate) enum LeftOut {
    /// The macro says why it does not take the function.
    Rejected(String),
    /// The function compiles bare, and the compiler rejects the expansion.
    Failed(String),
}

/// A copy that compiles with as many functions annotated as possible.
pub(crate) struct Attempt {
    pub(crate) tree: Tree,
    pub(crate) left_out: BTreeMap<FunctionId, LeftOut>,
    /// The functions of which the macro asked what a success is.
    pub(crate) always: usize,
    pub(crate) messages: Vec<Message>,
}

/// More rounds than errors can hide behind each other.
const ROUNDS: usize = 12;

impl Attempt {
    /// Annotates the crate at `from` in a copy at `to`.
    pub(crate) fn run(
        attribute: &Attribute,
        subject: &Subject,
        cargo: &Cargo<'_>,
        (from, to, manifest): (&Path, &Path, &str),
        lock: &Path,
    ) -> Result<Self> {
        let tree = Tree::copy(from, to, manifest)?;
        std::fs::copy(lock, to.join("Cargo.lock"))?;
        let mut left_out = BTreeMap::new();
        let mut always: BTreeMap<FunctionId, ()> = BTreeMap::new();
        for _ in 0..ROUNDS {
            tree.write(|id| match (left_out.contains_key(id), always.contains_key(id)) {
                (true, _) => None,
                (false, true) => attribute.always,
                (false, false) => Some(attribute.text),
            })?;
            let messages = cargo.messages(&tree.root, subject)?;
            let errors: Vec<&Message> = messages.iter().filter(|message| message.is_error).collect();
            if errors.is_empty() {
                return Ok(Self { tree, left_out, always: always.len(), messages });
            }
            // A function that a macro rejects may be gone, and be missed elsewhere.
            let rejections = errors.iter().copied().filter(|error| is_rejection(error));
            let rejections: Vec<&Message> = rejections.collect();
            let errors = if rejections.is_empty() { errors } else { rejections };
            let before = (left_out.len(), always.len());
            let mut changed = Vec::new();
            for error in errors {
                let around = error.places.iter().map(|(path, line)| tree.around(path, *line));
                let annotated =
                    around.flatten().find(|id| !left_out.contains_key(id) || changed.contains(id));
                let Some(id) = annotated else { continue };
                if changed.contains(&id) {
                    continue;
                }
                changed.push(id.clone());
                let asks = attribute.always.is_some() && error.rendered.contains("`on = always`");
                if asks && always.insert(id.clone(), ()).is_none() {
                    continue;
                }
                always.remove(&id);
                left_out.insert(id, reason(error));
            }
            if (left_out.len(), always.len()) == before {
                let errors = messages.iter().filter(|message| message.is_error);
                let said: String = errors.map(|error| error.rendered.as_str()).collect();
                return Err(format!("an error outside of every function of {}:\n{said}", subject.name).into());
            }
        }
        Err(format!("{} does not compile after {ROUNDS} rounds", subject.name).into())
    }

    /// The number of functions that were left out because the expansion does not compile.
    pub(crate) fn failed(&self) -> usize {
        self.left_out.values().filter(|why| matches!(why, LeftOut::Failed(_))).count()
    }

    pub(crate) fn rejected(&self) -> usize {
        self.left_out.len() - self.failed()
    }
}

/// Errors of the compiler that have no code.
const WITHOUT_CODE: [&str; 6] = [
    "borrowed data cannot be stored outside of its closure",
    "captured variable cannot escape",
    "cannot be sent between threads safely",
    "higher-ranked lifetime error",
    "is not general enough",
    "lifetime may not live long enough",
];

/// "may not live long enough": a future in a box of its own holds the type of its output, which is documented. Only the
/// compiler can tell, and it says which bound to add.
const OF_BOXED_FUTURES: [&str; 2] = ["E0309", "E0310"];

/// Returns whether the error is one of a macro, which has no code, or comes from a bound of it that carries the message.
fn is_rejection(error: &Message) -> bool {
    let is_of_the_compiler = WITHOUT_CODE.iter().any(|said| error.text.contains(said));
    if error.code.as_deref().is_some_and(|code| OF_BOXED_FUTURES.contains(&code)) {
        return true;
    }
    error.code.is_none() && !is_of_the_compiler || error.rendered.contains("`on = always`")
}

fn reason(error: &Message) -> LeftOut {
    if is_rejection(error) {
        LeftOut::Rejected(error.text.clone())
    } else {
        LeftOut::Failed(error.rendered.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::is_rejection;
    use crate::cargo::Message;

    #[test]
    fn an_error_of_the_compiler_is_no_rejection() {
        let error = |code: Option<&str>, text: &str| Message {
            is_error: true,
            code: code.map(str::to_owned),
            text: text.to_owned(),
            rendered: text.to_owned(),
            places: Vec::new(),
        };
        assert!(is_rejection(&error(None, "a `const fn` cannot send events")));
        assert!(is_rejection(&error(Some("E0277"), "write `on = always`")));
        assert!(!is_rejection(&error(Some("E0277"), "the trait bound is not satisfied")));
        assert!(!is_rejection(&error(None, "future cannot be sent between threads safely")));
        assert!(!is_rejection(&error(None, "lifetime may not live long enough")));
    }
}
