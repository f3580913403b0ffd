//! Generics, receivers, patterns, qualifiers.

super::shapes! {
    nothing_at_all() {} [fn f() {}] { f() } => ["{}"];
    unused_arguments(properties(seen = 1)) {} [fn f(_: Loud, _b: Loud, #[allow(unused_variables)] c: Loud) -> u8 { 1 }]
        { f(Loud("a"), Loud("b"), Loud("c")) } => [r#"{"seen":1}"#];
    underscored_argument(properties(seen = _owner)) {} [fn f(_owner: String, (_part, ref _rest): (u8, String)) -> u8 { _part }]
        { f("a".into(), (1, "b".into())) } => [r#"{"seen":"a"}"#];
    mutable_argument(properties(seen = a)) {} [fn f(mut a: u8) -> u8 { a += 1; a }] { f(1) } => [r#"{"seen":1}"#];
    destructured_arguments(properties(a, c, out = |r| *r)) { struct P { c: u8, d: u8 } }
        [fn f((a, mut b): (u8, u8), P { c, d }: P, [e, ..]: [u8; 3]) -> u8 { b += 1; a + b + c + d + e }]
        { f((1, 2), P { c: 3, d: 4 }, [5, 6, 7]) } => [r#"{"a":1,"c":3,"out":16}"#];
    destructured_and_used_after(properties(id = |_| id, text = |r| format!("{name} {r}"), sum = |r| r + id)) {}
        [fn f((id, name): (u32, &str), (moved,): (String,)) -> u32 { drop(moved); id + 1 + name.len() as u32 }]
        { f((1, "abc"), ("x".to_owned(),)) } => [r#"{"id":1,"sum":6,"text":"abc 5"}"#];
    wildcard_patterns_drop_in_order() {} [fn f((_a, _): (Loud, Loud), (_, _d): (Loud, Loud)) {}]
        { f((Loud("a"), Loud("b")), (Loud("c"), Loud("d"))) } => ["{}"];
    reference_and_binding_patterns(properties(a, all)) {}
        [fn f(&a: &u8, ref b: String, all @ (c, _): (u8, u8)) -> usize { b.len() + usize::from(a + all.1 + c) }]
        { f(&1, "xy".into(), (3, 4)) } => [r#"{"a":1,"all":[3,4]}"#];
    raw_identifiers(properties(r#type, r#match = r#fn, kind = r#type)) {}
        [fn r#move(r#type: u8, r#fn: &str) -> usize { usize::from(r#type) + r#fn.len() }]
        { r#move(1, "ab") } => [r#"{"kind":1,"match":"ab","type":1}"#];
    bare_keyword_key(properties(type, self = %1, "any key" = 2, async = 3)) {} [fn f(r#type: u8) -> u8 { r#type }]
        { f(9) } => [r#"{"any key":2,"async":3,"self":"1","type":9}"#];
    generic_with_where(properties(seen = %a)) {} [fn f<T>(a: T, n: usize) -> Vec<T> where T: Clone + Display { vec![a; n] }]
        { f("x", 2) } => [r#"{"seen":"x"}"#];
    const_generic(properties(seen = N, n = n.len())) {} [fn f<const N: usize>(n: [u8; N]) -> [u8; N] { n }]
        { f([1, 2]) } => [r#"{"n":2,"seen":2}"#];
    higher_ranked(properties(seen = a)) {}
        [fn f<F>(g: F, a: &str) -> usize where F: for<'x> Fn(&'x str) -> &'x str { g(a).len() }]
        { f(|a| &a[1..], "abc") } => [r#"{"seen":"abc"}"#];
    impl_trait_argument(properties(seen = %a)) {} [fn f(a: impl Display, g: impl Fn(u8) -> u8) -> u8 { let _ = a; g(1) }]
        { f("x", |n| n + 1) } => [r#"{"seen":"x"}"#];
    unsized_argument(properties(seen = a)) {} [fn f<T: ?Sized + AsRef<str>>(a: &str, t: &T) -> usize { a.len() + t.as_ref().len() }]
        { f("ab", "c") } => [r#"{"seen":"ab"}"#];
    lifetimes(properties(seen = a, out = |r| *r)) {} [fn f<'a, 'b: 'a>(a: &'a str, b: &'b str) -> &'a str { if a.is_empty() { b } else { a } }]
        { f("", "b") } => [r#"{"out":"b","seen":""}"#];
    dyn_arguments(properties(seen = %a)) {} [fn f(a: &dyn Display, g: &mut dyn FnMut(u8)) { g(1); let _ = a; }]
        { let mut n = 0; f(&3, &mut |a| n += a); n } => [r#"{"seen":"3"}"#];
    cfg_arguments(properties(seen = a)) {} [fn f(a: u8, #[cfg(any())] b: Missing, #[cfg(all())] c: u8) -> u8 { a + c }]
        { f(1, 2) } => [r#"{"seen":1}"#];
    moved_into_the_body(properties(seen = a)) {} [fn f(a: String) -> Vec<u8> { a.into_bytes() }]
        { f("a".into()) } => [r#"{"seen":"a"}"#];
    partial_move(properties(seen = p.0)) {} [fn f(p: (String, Loud)) -> String { p.0 }]
        { f(("a".into(), Loud("p.1"))) } => [r#"{"seen":"a"}"#];
    dropped_in_reverse() {} [fn f(_a: Loud, b: Loud, _c: Loud) -> u8 { let _l = Loud("local"); drop(b); 1 }]
        { f(Loud("a"), Loud("b"), Loud("c")) } => ["{}"];
    qualifiers() {} [#[inline] #[must_use] pub(super) extern "C" fn f(a: u8) -> u8 { a }] { f(3) } => ["{}"];
    cold_and_deprecated() {} [#[cold] #[inline(never)] #[doc = "Documented."] fn f() -> u8 { 3 }] { f() } => ["{}"];
    inner_attributes() {} [fn f() -> u8 { #![allow(unused_variables)] #![allow(unused_mut)] let mut a = 1; 2 }] { f() } => ["{}"];
    recursion(properties(seen = n)) {} [fn f(n: u8) -> u8 { if n == 0 { 0 } else { 1 + f(n - 1) } }]
        { f(2) } => [r#"{"seen":0}"#, r#"{"seen":1}"#, r#"{"seen":2}"#];
    generic_recursion() {} [fn f<T: Copy>(n: u8, t: T) -> Option<T> { if n == 0 { Some(t) } else { f(n - 1, t) } }] { f(1, 'x') }
        => ["{}", "{}"];

    shared_self(properties(seen = self.0, out = |r| *r + self.0)) { struct S(u8); } in (impl S) {} [fn f(&self) -> u8 { self.0 + 1 }]
        { S(1).f() } => [r#"{"out":3,"seen":1}"#];
    mutable_self(properties(seen = self.0)) { #[derive(Debug)] struct S(u8); } in (impl S) {} [fn f(&mut self) -> &mut u8 { self.0 += 1; &mut self.0 }]
        { let mut s = S(1); *s.f() += 1; s } => [r#"{"seen":1}"#];
    owned_self_is_dropped_last() { struct S { _a: Loud, b: Loud, _c: Loud } } in (impl S) {} [fn f(self, _x: Loud) -> Loud { let _l = Loud("l"); self.b }]
        { S { _a: Loud("a"), b: Loud("b"), _c: Loud("c") }.f(Loud("x")).0 } => ["{}"];
    unused_owned_self() { struct S(#[expect(dead_code)] Loud, #[expect(dead_code)] Loud); } in (impl S) {} [fn f(self, _x: Loud) {}]
        { S(Loud("a"), Loud("b")).f(Loud("x")) } => ["{}"];
    mutable_owned_self(properties(seen = self.0)) { struct S(Vec<u8>); } in (impl S) {} [fn f(mut self) -> Vec<u8> { self.0.push(1); self.0 }]
        { S(vec![]).f() } => [r#"{"seen":[]}"#];
    smart_pointer_self(properties(seen = self.0)) { struct S(u8); } in (impl S) {} [fn f(self: Rc<Self>, b: Arc<Self>) -> u8 { self.0 + b.0 }]
        { Rc::new(S(1)).f(Arc::new(S(2))) } => [r#"{"seen":1}"#];
    pinned_self(properties(seen = self.0)) { struct S(u8); } in (impl S) {} [fn f(mut self: Pin<&mut Self>) -> u8 { self.0 += 1; self.0 }]
        { Pin::new(&mut S(1)).f() } => [r#"{"seen":1}"#];
    boxed_self() { trait T { fn f(self: Box<Self>) -> u8; } struct S(u8); } in (impl T for S) {} [fn f(self: Box<Self>) -> u8 { self.0 }]
        { Box::new(S(3)).f() } => ["{}"];
    associated_const(properties(seen = Self::K)) { struct S; impl S { const K: u8 = 5; } } in (impl S) {} [fn f(n: u8) -> u8 { n + Self::K }]
        { S::f(1) } => [r#"{"seen":5}"#];
    associated_type(properties(out = |r| *r)) { trait T { type K; fn f(&self) -> Self::K; } struct S; }
        in (impl T for S) { type K = u8; } [fn f(&self) -> Self::K { 3 }] { S.f() } => [r#"{"out":3}"#];
    generic_impl(properties(seen = %self.0)) { struct S<T>(T); } in (impl<T: Display + Clone> S<T>) {} [fn f<U: Into<T>>(&self, u: U) -> (T, T) { (self.0.clone(), u.into()) }]
        { S(1u32).f(2u8) } => [r#"{"seen":"1"}"#];
    default_method_of_an_associated_type() { struct S; impl T for S { type K = Result<u8, u8>; fn k(&self) -> Self::K { Err(1) } } }
        in (trait T) { type K; fn k(&self) -> Self::K; } [fn f(&self) -> Self::K { self.k() }] { S.f() } => [];
    default_method(properties(seen = self.n())) { struct S; impl T for S {} }
        in (trait T) { fn n(&self) -> u8 { 4 } } [fn f(&self) -> u8 { self.n() + 1 }] { S.f() } => [r#"{"seen":4}"#];
    drop_itself() { struct S(u8); } in (impl Drop for S) {} [fn drop(&mut self) { let _l = Loud("in drop"); self.0 += 1; }]
        { let _s = S(1); } => ["{}"];
}
