//! What happens in a body, and what the values of the event use.

super::shapes! {
    question_mark() {} [fn f(a: &str) -> Result<u8, std::num::ParseIntError> { let n: u8 = a.parse()?; Ok(n + 1) }] { (f("1"), f("x")) } => ["{}"];
    question_mark_on_option() {} [fn f(a: &[u8]) -> Option<u8> { let n = a.first()?; Some(n + 1) }] { (f(&[1]), f(&[])) } => ["{}"];
    early_returns(properties(out = |r| *r)) {} [fn f(n: u8) -> u8 { if n > 1 { return 9; } for i in 0.. { if i > n { return i; } } unreachable!() }]
        { (f(0), f(2)) } => [r#"{"out":1}"#, r#"{"out":9}"#];
    temporaries_of_the_tail() { use std::sync::Mutex; } [fn f(m: Mutex<Vec<u8>>) -> u8 { m.lock().unwrap()[0] }] { f(Mutex::new(vec![1])) } => ["{}"];
    temporaries_drop_before_arguments() {} [fn f(_a: Loud) -> usize { let _l = Loud("local"); Loud("temporary").0.len() }] { f(Loud("argument")) } => ["{}"];
    labels_and_loops() {} [fn f() -> u8 { 'a: loop { loop { break 'a 3; } } }] { f() } => ["{}"];
    items_in_the_body() {} [fn f() -> u8 { const N: u8 = 2; fn g() -> u8 { N } struct S; impl S { fn h(&self) -> u8 { g() } } S.h() }] { f() } => ["{}"];
    names_of_types_in_the_body() {}
        [fn f() -> Option<&'static str> { struct S; let _long: [u8; 80] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]; std::any::type_name::<S>().rsplit("::").nth(1) }]
        { f() } => ["{}"];
    type_in_the_body_named_like_the_return_type() { type R = u8; } [fn f(n: u8) -> Option<R> { type R = &'static str; let r: R = "r"; if n > 1 { return None; } Some(r.len() as u8) }]
        { (f(1), f(2)) } => ["{}"];
    macros_in_the_body() {} [fn f() -> u8 { macro_rules! m { ($e:expr) => { $e + 1 }; } m!(1) }] { f() } => ["{}"];
    closures_in_the_body() {} [fn f(mut v: Vec<u8>) -> Vec<u8> { let mut push = |n| v.push(n); push(1); push(2); v }] { f(vec![]) } => ["{}"];
    shadowed_arguments(properties(seen = a)) {} [fn f(a: u8) -> String { let a = a.to_string(); a }] { f(1) } => [r#"{"seen":1}"#];
    mutated_through_a_reference(properties(seen = a.len())) {} [fn f(a: &mut Vec<u8>) { a.push(1); a.push(2); }]
        { let mut a = vec![]; f(&mut a); a } => [r#"{"seen":0}"#];
    evaluated_before(properties(seen = a.get())) { use std::cell::Cell; } [fn f(a: &Cell<u8>) { a.set(2); }] { let a = Cell::new(1); f(&a); a } => [r#"{"seen":1}"#];
    evaluated_after(properties(seen = |_| a.get())) { use std::cell::Cell; } [fn f(a: &Cell<u8>) { a.set(2); }] { let a = Cell::new(1); f(&a); a } => [r#"{"seen":2}"#];
    all_forms(properties(seen = a, %b, ?c, text = %a, debug = ?b, out = %|r| r, out_debug = ?|r| r.as_str())) {}
        [fn f(a: u8, b: &str, c: Option<u8>) -> String { format!("{a}{b}{c:?}") }] { f(1, "b", None) }
        => [r#"{"b":"b","c":"None","debug":"\"b\"","out":"1bNone","out_debug":"\"1bNone\"","seen":1,"text":"1"}"#];
    literals(properties(s = "a\"b\\\n\u{1}é", i = -1, f = 1.5, t = true, c = 'x', hex = 0xff, big = 18446744073709551615, raw = r"\d")) {}
        [fn f() {}] { f() } => [r#"{"big":18446744073709551615,"c":"x","f":1.5,"hex":255,"i":-1,"raw":"\\d","s":"a\"b\\\n\u0001é","t":true}"#];
    nothing_is_left_out_silently(properties(none = None::<u8>, some = Some(1), unit = ())) {} [fn f() {}] { f() } => [r#"{"some":1}"#];
    closure_forms(properties(a = |r: &u8| *r, b = |&r| r, c = |r| { if *r > 1 { return 1; } 2 }, d = move |r| r + 1, e = |_| "x")) {}
        [fn f() -> u8 { 3 }] { f() } => [r#"{"a":3,"b":3,"c":1,"d":4,"e":"x"}"#];
    closure_with_pattern(properties(id = |S { id, .. }| id, name = |s| &s.name[1..])) { #[derive(Debug)] struct S { id: u8, name: String } }
        [fn f() -> Result<S, ()> { Ok(S { id: 1, name: "abc".into() }) }] { f() } => [r#"{"id":1,"name":"bc"}"#];
    arguments_after(properties(sum = |r| r + a + b.len() as u8, text = |_| format!("{b}"))) {} [fn f(a: u8, b: &str) -> u8 { a + b.len() as u8 }]
        { f(1, "xy") } => [r#"{"sum":6,"text":"xy"}"#];
    same_names_in_closures(properties(a = |a| a.a)) { #[derive(Debug)] struct S { a: u8 } } [fn f(a: String) -> S { S { a: a.len() as u8 } }]
        { f("abc".into()) } => [r#"{"a":3}"#];
    only_used_by_the_event(properties(seen = a, out = |_| b)) {} [fn f(a: String, b: u8) {}] { f("a".into(), 2) } => [r#"{"out":2,"seen":"a"}"#];
    from_a_macro(properties(seen = 1)) { macro_rules! body { ($b:block) => { fn g() -> u8 $b }; } body!({ 5 }); } [fn f() -> u8 { g() }] { f() } => [r#"{"seen":1}"#];
    statics_named_like_ours() { #[allow(dead_code)] static SITE: u8 = 1; const SLOT: u8 = 2; } [fn f(pending: u8, slot: u8, returned: u8) -> u8 { SITE + SLOT + pending + slot + returned }]
        { f(1, 2, 3) } => ["{}"];
    locals_named_like_ours(properties(pending, value, seen = |r| r + slot)) {} [fn f(pending: u8, value: u8, slot: u8, kept: u8, hint: u8) -> u8 { pending + value + slot + kept + hint }]
        { f(1, 2, 3, 4, 5) } => [r#"{"pending":1,"seen":18,"value":2}"#];
    ids_of_any_kind(group_id = Some("g"), session_id = &a, device_id = None::<u8>, source = "marketing") {} [fn f(a: Option<String>) {}]
        { f(None) } => ["{}"];
    wrapping_panic(properties(seen = 1)) {} [fn f() -> u8 { std::panic::catch_unwind(|| { let _l = Loud("inner"); panic!("caught") }).unwrap_or(3) }] { f() } => [r#"{"seen":1}"#];
}
