//! What users are promised, sentence by sentence, and the tests that would fail without it.

use std::collections::BTreeSet;
use std::path::Path;

/// A promise, and the tests of it.
type Promise = (&'static str, &'static [&'static str]);

const STARTING_UP: &[Promise] = &[
    (
        "The key, its file, the endpoint, the source and EU compliance come from the environment.",
        &[
            "every_variable_sets_what_it_says",
            "key_and_endpoint_are_enough",
            "source_and_eu_compliance_come_from_the_environment_too",
        ],
    ),
    (
        "A key file is read again at 401, and one trailing line break is dropped.",
        &["a_key_that_is_rotated_in_its_file_is_read_again"],
    ),
    (
        "THRIVESTACK_DEBUG prints each event on the standard error instead of sending it.",
        &["debug_prints_every_event_and_sends_none"],
    ),
    (
        "`init` and `Client::new` report what is wrong: key, endpoint, plain http, limits.",
        &["a_wrong_configuration_is_refused_with_its_kind", "the_key_goes_unencrypted_to_loopback_only"],
    ),
    ("Each message says what to do.", &["every_message_says_what_to_do", "every_reason_says_what_to_do"]),
    ("Disabled needs no key.", &["a_disabled_configuration_needs_no_key_and_refuses_nothing"]),
    (
        "`init` works once; the second call is an error, and the first client goes on.",
        &["the_client_of_the_process_lives_once"],
    ),
    (
        "A missing key keeps no service from starting.",
        &[
            "a_service_starts_without_its_key_and_with_a_wrong_environment",
            "the_client_of_the_process_lives_once",
        ],
    ),
    ("The guard's drop delivers what is queued.", &["the_client_of_the_process_lives_once"]),
    ("The last clone's drop delivers like the guard's.", &["the_last_clone_delivers_when_it_is_dropped"]),
    (
        "`client.send` takes what builders and derives give, whichever client they were begun with.",
        &["the_client_of_the_process_lives_once", "identify_sends_every_field_in_its_place"],
    ),
    (
        "Before `init` no argument is evaluated and nothing allocated; builders serialize nothing.",
        &[
            "no_argument_is_evaluated_and_nothing_is_allocated",
            "builders_serialize_nothing_and_say_that_telemetry_is_off",
        ],
    ),
    (
        "The same holds while a client is disabled.",
        &["nothing_is_evaluated_or_allocated_for_a_disabled_client", "what_is_off_serializes_nothing"],
    ),
    (
        "`set_enabled` switches at run time.",
        &["a_client_that_is_off_says_so", "the_client_of_the_process_lives_once"],
    ),
    ("`Debug` of anything never shows the key.", &["no_debug_of_a_public_type_shows_the_key"]),
    (
        "`context` gives defaults for every event; limits of batches are kept.",
        &["explicit_beats_default_and_the_last_value_of_a_key_wins", "batches_keep_to_the_configured_limits"],
    ),
    (
        "`before_send` changes or drops an event; `on_report` tells what came of a request.",
        &["before_send_changes_and_drops", "a_report_says_what_came_of_a_request"],
    ),
];

const CALLS: &[Promise] = &[
    (
        "The four calls have the documented shape; a group's id and type are in its context too.",
        &["the_four_calls_have_the_documented_shape"],
    ),
    (
        "Ids take anything that is `Display`, or an `Option` of it; an empty id is a missing one.",
        &["ids_are_whatever_displays_and_an_empty_one_is_missing", "ids_are_displayed_and_may_be_missing"],
    ),
    (
        "Explicit beats `Context` beats `Config`; the last `with` of a key wins.",
        &[
            "explicit_beats_default_and_the_last_value_of_a_key_wins",
            "a_scope_gives_what_an_event_does_not_say_itself",
            "ten_thousand_keys_are_one_event_with_the_last_value_of_each",
        ],
    ),
    (
        "A context key that has a method of its own is refused.",
        &["a_context_key_with_a_method_of_its_own_is_refused"],
    ),
    ("What serializes to `null` is left out.", &["values_of_every_kind_arrive_and_nulls_are_left_out"]),
    (
        "`try_send` says why a call was refused.",
        &[
            "a_call_without_its_ids_is_refused",
            "an_event_over_two_megabytes_is_refused_alone",
            "a_full_queue_refuses_the_newest_and_keeps_the_oldest",
            "a_client_that_is_off_says_so",
        ],
    ),
    ("`send` never panics, whatever a value does.", &["a_value_that_panics_costs_its_event_only"]),
    (
        "A page with both ids sends the user and moves the session into the context.",
        &["a_page_has_one_of_user_and_session_at_the_top"],
    ),
    (
        "Missing ids are taken from the current `Context`.",
        &["a_scope_gives_what_an_event_does_not_say_itself"],
    ),
    (
        "Timestamps are those of the capture, with three digits of fraction and `Z`.",
        &[
            "an_event_without_a_timestamp_has_that_of_its_capture",
            "a_time_has_exactly_three_digits_of_fraction_and_ends_in_z",
        ],
    ),
    (
        "Every event has a message id, unique, the same in every retry; it can be left out.",
        &[
            "every_event_has_a_message_id_of_its_own",
            "message_ids_differ_between_events_and_threads",
            "what_may_pass_is_sent_again_with_the_same_bytes",
            "the_four_calls_have_the_documented_shape",
        ],
    ),
    (
        "EU compliance strips the e-mail address and the name of a user, and what is marked personal.",
        &[
            "no_address_and_no_name_of_any_user_leaves_whichever_way_it_came_in",
            "without_it_everything_leaves",
        ],
    ),
];

const MACROS: &[Promise] = &[
    (
        "Names, ids, properties and context are what the attribute says; `%` and `?`, bare and quoted keys.",
        &["every_value_goes_to_its_place", "a_statement_has_the_grammar_of_the_attribute"],
    ),
    (
        "It emits after success only, and the function's meaning is unchanged.",
        &[
            "every_shape_does_what_it_did_and_sends_what_it_should",
            "nothing_after_the_body_is_evaluated_without_a_success",
        ],
    ),
    ("Closures see the success value.", &["the_id_of_a_new_user_comes_from_the_value"]),
    (
        "`client` takes any handle of a client; `timestamp` is the given one.",
        &["a_function_sends_with_any_handle_of_a_client", "a_timestamp_is_the_given_one"],
    ),
    ("Futures stay `Send` and about as large.", &["futures_stay_send_and_about_as_large"]),
    (
        "Names, misnomers, required properties, documented values and bad grammar are compile errors that say what to \
      write; each can be allowed.",
        &["refusals_say_what_to_write"],
    ),
    (
        "The user's scope changes nothing, and the crate may be renamed.",
        &["the_users_scope_changes_nothing", "the_crate_may_have_another_name"],
    ),
    (
        "Attributes of others stack above and below.",
        &["attributes_of_others_and_of_ours_stack", "methods_of_async_trait_are_tracked_when_they_finish"],
    ),
    (
        "Identify, Group and Event send every field in its place.",
        &[
            "identify_sends_every_field_in_its_place",
            "group_sends_its_type_and_both_ids",
            "event_sends_its_name_ids_and_time",
        ],
    ),
    (
        "`skip`, `include`, `skip_if`, `with`, `flatten`, `personal` do what they say.",
        &[
            "an_included_credential_is_sent",
            "skip_if_and_with_decide_on_the_value",
            "flattened_values_bring_their_own_keys",
            "personal_traits_stay_in_europe",
        ],
    ),
    (
        "A field that looks like a credential does not compile; nor do two ids, or none.",
        &["refusals_say_what_to_write"],
    ),
    ("Bounds are only those that fields need.", &["bounds_are_those_that_fields_need"]),
];

const CONTEXT: &[Promise] = &[
    (
        "A scope holds across awaits, threads and combinators; inner scopes inherit and override.",
        &[
            "a_scope_holds_across_awaits_threads_and_combinators",
            "inner_scopes_inherit_and_override_and_end",
            "thousands_of_interleaved_requests_do_not_see_each_other",
        ],
    ),
    (
        "`update` changes the innermost scope.",
        &["a_login_that_learns_who_the_user_is_updates_the_innermost_scope"],
    ),
    (
        "Inside one scope events are a millisecond apart, at most a second ahead; explicit ones are left alone.",
        &[
            "the_events_of_a_scope_are_a_millisecond_apart_and_explicit_ones_are_left_alone",
            "the_timestamps_of_a_scope_follow_one_another_and_stay_near_the_clock",
        ],
    ),
];

const SEEING: &[Promise] = &[
    (
        "`flush` covers what was accepted before it, and ends in time.",
        &[
            "a_flush_covers_what_was_accepted_before_it",
            "a_flush_ends_when_its_time_runs_out",
            "an_async_flush_needs_no_runtime",
        ],
    ),
    (
        "`accepted == delivered + pending + dropped` at every moment.",
        &["every_event_is_accounted_for_at_every_moment"],
    ),
    (
        "Values that fail to serialize are left out and counted.",
        &["a_value_that_cannot_be_serialized_is_left_out_and_counted"],
    ),
    (
        "`set_api_key` takes effect on the next request and wakes a parked sender.",
        &[
            "a_refused_key_parks_and_a_new_one_delivers_everything",
            "a_key_that_cannot_be_sent_leaves_the_old_one",
        ],
    ),
    (
        "Messages are logged once an episode, never with a key or a payload.",
        &["logs_at_every_level_have_neither_the_key_nor_a_payload_and_speak_once"],
    ),
    (
        "The key travels byte for byte in one header.",
        &["a_request_is_a_json_array_under_the_key_byte_for_byte", "a_redirect_is_not_followed_and_parks"],
    ),
    (
        "Events arrive in order, once, in few requests.",
        &[
            "five_thousand_events_arrive_in_order_once_in_few_requests",
            "identify_goes_before_group_before_track_and_page",
        ],
    ),
];

/// The names of all functions in the sources of the workspace.
fn functions_below(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the workspace").flatten() {
        let path = entry.path();
        if path.is_dir() {
            functions_below(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = std::fs::read_to_string(&path).expect("a source file");
            let after_fn = source.split("fn ").skip(1);
            names.extend(after_fn.filter_map(|rest| Some(rest.split_once('(')?.0.to_owned())));
        }
    }
}

#[test]
fn every_promise_has_a_test() {
    let mut tests = BTreeSet::new();
    for folder in ["../tests", "../thrivestack/src"] {
        functions_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut tests);
    }
    for (promise, promised) in [STARTING_UP, CALLS, MACROS, CONTEXT, SEEING].concat() {
        assert!(!promised.is_empty(), "{promise}");
        for test in promised {
            assert!(tests.contains(*test), "`{test}` is gone, which tested: {promise}");
        }
    }
}
