//! What can be judged only of all fields together.

use super::kind::{Kind, Role};
use super::model::{Field, Model, Place};
use crate::args::Name;
use crate::errors::Errors;

/// `may_miss`: whether to tell what is missing.
pub(super) fn validate(model: &Model<'_>, may_miss: bool, errors: &mut Errors) {
    for role in Role::ALL {
        one_field(model, role, errors);
    }
    if may_miss
        && let Some(own) = model.kind.own_id()
        && !model.fields.iter().any(|field| has_role(field, own))
    {
        errors.at(model.ident.span(), missing_id(model, own));
    }
    for (at, field) in model.fields.iter().enumerate() {
        if let Some(message) =
            model.fields[..at].iter().find_map(|earlier| collision(model.kind, earlier, field))
        {
            errors.at(field.span, message);
        }
    }
    match model.kind {
        Kind::Identify => {}
        Kind::Group => group_type(model, may_miss, errors),
        Kind::Event => event(model, may_miss, errors),
    }
}

fn one_field(model: &Model<'_>, role: Role, errors: &mut Errors) {
    let mut fields = model.fields.iter().filter(|field| has_role(field, role));
    let Some(first) = fields.next() else { return };
    for field in fields {
        errors.at(field.span, format!("{} is the field `{}` already", role.words(), first.label()));
    }
}

fn has_role(field: &Field<'_>, role: Role) -> bool {
    matches!(field.place, Place::Role(own) if own == role)
}

fn missing_id(model: &Model<'_>, own: Role) -> String {
    let (name, helper, key, words) = (model.kind.name(), model.kind.helper(), own.key(), own.words());
    let candidates: Vec<_> = id_like(model, own).iter().map(|field| format!("`{field}`")).collect();
    let advice = if candidates.is_empty() {
        format!("write `#[{helper}({key})]` on the field that holds it")
    } else {
        format!("did you mean `#[{helper}({key})]` on {}?", candidates.join(" or "))
    };
    format!("`derive({name})` needs {words}: {advice}")
}

/// The fields that read like the missing id or, where none does, like any id.
fn id_like(model: &Model<'_>, own: Role) -> Vec<String> {
    let plain = model.fields.iter().filter(|field| matches!(field.place, Place::Value(_)));
    let (certain, possible): (Vec<_>, Vec<_>) = plain
        .map(Field::label)
        .filter(|name| ["id", "uid", "uuid"].contains(&name.as_str()) || name.ends_with("_id"))
        .partition(|name| name == own.key() || !name.contains('_'));
    if certain.is_empty() { possible } else { certain }
}

/// Why two fields cannot both be sent. A prefix owns every name that begins with it, since the keys that are flattened
/// under it are known at run time only.
fn collision(kind: Kind, earlier: &Field<'_>, later: &Field<'_>) -> Option<String> {
    let value = kind.value();
    let first = earlier.label();
    match (&earlier.place, &later.place) {
        (Place::Value(one), Place::Value(other)) if one == other => {
            Some(format!("the {value} `{one}` is the field `{first}` already: rename or skip one of them"))
        }
        (Place::Flatten(prefix), Place::Value(name)) | (Place::Value(name), Place::Flatten(prefix))
            if owns(prefix, name) =>
        {
            Some(format!(
                "the {value} `{name}` may collide with what is flattened under the prefix \"{prefix}\" (see the field \
                 `{first}`): rename it or choose another prefix"
            ))
        }
        (Place::Flatten(one), Place::Flatten(other)) if owns(one, other) || owns(other, one) => {
            Some(format!(
                "what is flattened under the prefix \"{other}\" may collide with \"{one}\" of the field `{first}`: \
                 choose another prefix"
            ))
        }
        _ => None,
    }
}

fn owns(prefix: &str, name: &str) -> bool {
    !prefix.is_empty() && name.starts_with(prefix)
}

/// The group's type stands on the struct, and nowhere else.
fn group_type(model: &Model<'_>, may_miss: bool, errors: &mut Errors) {
    if may_miss && model.attrs.group_type.is_none() {
        let message = "`derive(Group)` needs the group's type, without which ThriveStack takes no group: write \
                       `#[group(group_type = \"Account\")]` on the struct";
        errors.at(model.ident.span(), message);
    }
    if let Some(written) = model.attrs.group_type.as_ref().filter(|_| !model.attrs.allow.group_type) {
        errors.take(crate::validate::group_type(&written.value(), written.span()));
    }
    for field in &model.fields {
        if matches!(&field.place, Place::Value(name) if name == "group_type") {
            errors.at(
                field.span,
                "the type of a group is written on the struct, `#[group(group_type = \"Account\")]`, and may be another one \
                 in a call, `group_call().group_type(..)`: skip or rename this field",
            );
        }
    }
}

/// ThriveStack's rules for the event's name and its required properties.
fn event(model: &Model<'_>, may_miss: bool, errors: &mut Errors) {
    let allow = &model.attrs.allow;
    match &model.attrs.event {
        None if may_miss => {
            let message =
                "`derive(Event)` needs the event's name: write `#[event(\"feature_used\")]` on the struct";
            errors.at(model.ident.span(), message);
        }
        Some(Name::Literal(name)) => {
            if !allow.event_name || name.value().is_empty() {
                errors.take(crate::validate::event_name(&name.value(), name.span()));
            }
            // What is flattened may bring the properties that seem to be missing.
            let flattens = model.fields.iter().any(|field| matches!(field.place, Place::Flatten(_)));
            if may_miss && !flattens && !allow.missing_properties {
                let names: Vec<_> = model.fields.iter().filter_map(value_name).collect();
                errors.take(crate::validate::required_properties(&name.value(), model.ident.span(), &names));
            }
        }
        // A constant's name is checked where the compiler knows it.
        None | Some(Name::Const(_)) => {}
    }
}

fn value_name<'f>(field: &'f Field<'_>) -> Option<&'f str> {
    match &field.place {
        Place::Value(name) => Some(name),
        Place::Role(_) | Place::Flatten(_) => None,
    }
}
