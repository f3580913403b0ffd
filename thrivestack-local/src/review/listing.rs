//! Breaches and hints as texts, in the order of the calls.

use super::flow::{Forgotten, flows};
use crate::record::LocalCall;
use crate::remark::Remark;

/// Returns the breaches of the firing order in all flows.
pub(crate) fn breaches(calls: &[LocalCall], forgotten: &Forgotten) -> Vec<String> {
    let flows = flows(calls, forgotten);
    let steps = flows.iter().flat_map(|flow| &flow.steps);
    listed(steps.map(|step| (step.call, &*step.breaches)))
}

/// Returns the hints about all calls. A call without a user is in no flow.
pub(crate) fn hints(calls: &[LocalCall], forgotten: &Forgotten) -> Vec<String> {
    let flows = flows(calls, forgotten);
    let steps = flows.iter().flat_map(|flow| &flow.steps);
    let nobodys = calls.iter().filter(|call| call.user_id().is_none()).map(|call| (call, &*call.hints));
    listed(steps.map(|step| (step.call, &*step.hints)).chain(nobodys))
}

fn listed<'a>(remarks: impl Iterator<Item = (&'a LocalCall, &'a [Remark])>) -> Vec<String> {
    let mut found: Vec<_> = remarks.filter(|(_, remarks)| !remarks.is_empty()).collect();
    found.sort_by_key(|(call, _)| call.number());
    found
        .into_iter()
        .flat_map(|(call, remarks)| remarks.iter().map(move |remark| format!("{}: {remark}", title(call))))
        .collect()
}

fn title(call: &LocalCall) -> String {
    let name = call.event().map_or_else(|| call.endpoint().to_string(), str::to_owned);
    let user = call.user_id().map(|user| format!(" of user `{user}`")).unwrap_or_default();
    format!("call {}, {name}{user}", call.number())
}
