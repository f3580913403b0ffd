//! What is a success, told by the type of what is returned.

super::shapes! {
    result_ok(properties(out = |r| *r)) {} [fn f(n: u8) -> Result<u8, String> { if n > 1 { Err("no".into()) } else { Ok(n) } }]
        { (f(1), f(2)) } => [r#"{"out":1}"#];
    option_some(properties(out = |r| r)) {} [fn f(n: u8) -> Option<u8> { (n > 1).then_some(n) }] { (f(1), f(2)) } => [r#"{"out":2}"#];
    result_alias() { type Res<T> = std::result::Result<T, ()>; } [fn f(n: u8) -> Res<u8> { if n > 1 { Err(()) } else { Ok(n) } }]
        { (f(1), f(2)) } => ["{}"];
    io_result() { use std::io; } [fn f(n: u8) -> io::Result<u8> { if n > 1 { Err(io::ErrorKind::Other.into()) } else { Ok(n) } }]
        { (f(1).ok(), f(2).ok()) } => ["{}"];
    fmt_result() { struct S; } in (impl Display for S) {} [fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("s") }]
        { S.to_string() } => ["{}"];
    shadowed_result(properties(out = |r| r.0)) { #[derive(Debug)] struct Result<T>(T); } [fn f(n: u8) -> Result<u8> { Result(n) }]
        { f(1) } => [r#"{"out":1}"#];
    shadowed_variants(properties(out = |r| *r)) {
        #[derive(Debug)] #[allow(dead_code)] enum E { Ok(u8), Err(u8), Some, None } use E::*;
    } [fn f(n: u8) -> std::result::Result<u8, E> { let _ = (Some, None, Ok(1)); if n > 1 { std::result::Result::Err(Err(n)) } else { std::result::Result::Ok(n) } }]
        { (f(1), f(2)) } => [r#"{"out":1}"#];
    own_enum_with_err() { #[derive(Debug)] #[allow(dead_code)] enum Outcome { Ok, Err } } [fn f() -> Outcome { Outcome::Err }] { f() } => ["{}"];
    nested_option_in_result(properties(out = |r| *r)) {} [fn f(n: u8) -> Result<Option<u8>, ()> { match n { 0 => Err(()), 1 => Ok(None), n => Ok(Some(n)) } }]
        { (f(0), f(1), f(2)) } => ["{}", r#"{"out":2}"#];
    polls(properties(out = |r| *r)) {} [fn f(n: u8) -> Poll<u8> { if n == 0 { Poll::Pending } else { Poll::Ready(n) } }]
        { (f(0), f(1)) } => [r#"{"out":1}"#];
    poll_of_result(properties(out = |r| *r)) {} [fn f(n: u8) -> Poll<Result<u8, ()>> { match n { 0 => Poll::Pending, 1 => Poll::Ready(Err(())), n => Poll::Ready(Ok(n)) } }]
        { (f(0), f(1), f(2)) } => [r#"{"out":2}"#];
    poll_of_option(properties(out = |r| *r)) {} [fn f(n: u8) -> Poll<Option<u8>> { match n { 0 => Poll::Pending, 1 => Poll::Ready(None), n => Poll::Ready(Some(n)) } }]
        { (f(0), f(1), f(2)) } => [r#"{"out":2}"#];
    poll_of_option_of_result(properties(out = |r| *r)) {}
        [fn f(n: u8) -> Poll<Option<Result<u8, ()>>> { match n { 0 => Poll::Pending, 1 => Poll::Ready(Some(Err(()))), 2 => Poll::Ready(None), n => Poll::Ready(Some(Ok(n))) } }]
        { (f(0), f(1), f(2), f(3)) } => [r#"{"out":3}"#];
    generic_result(properties(seen = 1)) {} [fn f<T, E>(r: Result<T, E>) -> Result<T, E> { r }] { (f::<_, ()>(Ok(1)), f::<(), _>(Err(2))) } => [r#"{"seen":1}"#];
    parameter_of_an_impl() { struct S<T>(T); } in (impl<T: Clone> S<T>) {} [fn f(&self) -> T { self.0.clone() }]
        { (S(Err::<u8, u8>(1)).f(), S(None::<u8>).f(), S(4).f()) } => ["{}"];
    reference_to_a_parameter() { struct S<T>(T); } in (impl<T> S<T>) {} [fn f(&self) -> &T { &self.0 }]
        { (S(Err::<u8, u8>(1)).f().clone(), *S(4).f()) } => ["{}"];
    always_parameter(on = always) {} [fn f<T>(t: T) -> T { t }] { f(Err::<u8, u8>(1)) } => ["{}"];
    when_parameter(when = |r| r.n() > 1) { trait N { fn n(&self) -> u8; } impl N for u8 { fn n(&self) -> u8 { *self } } } [fn f<T: N>(t: T) -> T { t }]
        { (f(1u8), f(2u8)) } => ["{}"];
    on_err(on = err, properties(out = |e| e.as_str())) {} [fn f(n: u8) -> Result<u8, String> { if n > 1 { Err("no".into()) } else { Ok(n) } }]
        { (f(1), f(2)) } => [r#"{"out":"no"}"#];
    on_always(on = always, properties(ok = |r| r.is_ok())) {} [fn f(n: u8) -> Result<u8, ()> { if n > 1 { Err(()) } else { Ok(n) } }]
        { (f(1), f(2)) } => [r#"{"ok":true}"#, r#"{"ok":false}"#];
    on_ok(on = ok) {} [fn f(n: u8) -> Result<u8, ()> { if n > 1 { Err(()) } else { Ok(n) } }] { (f(1), f(2)) } => ["{}"];
    when_closure(when = |r| *r > 1, properties(out = |r| *r)) {} [fn f(n: u8) -> Option<u8> { Some(n) }] { (f(1), f(2)) } => [r#"{"out":2}"#];
    when_condition(when = n > 1, properties(seen = n)) {} [fn f(n: u8) -> u8 { n }] { (f(1), f(2)) } => [r#"{"seen":2}"#];
    when_with_err(on = err, when = |e| *e > 1) {} [fn f(n: u8) -> Result<(), u8> { Err(n) }] { (f(1), f(2)) } => ["{}"];
    impl_display(properties(out = %|r| r)) {} [fn f() -> impl Display { if true { return 3; } 4 }] { f().to_string() } => [r#"{"out":"3"}"#];
    impl_that_is_a_result() { trait Response {} impl<T, E> Response for Result<T, E> {} }
        [fn f(n: u8) -> impl Response + Debug { if n > 1 { Err(n) } else { Ok(n) } }] { (format!("{:?}", f(1)), format!("{:?}", f(2))) } => ["{}"];
    impl_with_when(when = |r| r.to_string() == "2") {} [fn f(n: u8) -> impl Display { n }] { (f(1).to_string(), f(2).to_string()) } => ["{}"];
    result_of_impl(properties(out = %|r| r)) {} [fn f(n: u8) -> Result<impl Display, ()> { if n > 1 { return Err(()); } Ok(n) }]
        { (f(1).is_ok(), f(2).is_ok()) } => [r#"{"out":"1"}"#];
    impl_fn() {} [fn f(n: u8) -> impl Fn(u8) -> u8 { move |a| a + n }] { f(1)(2) } => ["{}"];
    impl_fn_higher_ranked() {} [fn f() -> impl for<'a> Fn(&'a str) -> usize { |a: &str| a.len() }] { f()("abc") } => ["{}"];
    impl_fn_in_a_result() { struct S<T>(T); } in (impl<T: Copy + Debug> S<T>) {} [fn f(&self) -> Result<impl Fn(&T) -> String + use<T>, ()> { let t = self.0; Ok(move |a: &T| format!("{a:?}{t:?}")) }]
        { S(1).f().unwrap()(&2) } => ["{}"];
    impl_fn_of_a_method() { struct S<T>(T); } in (impl<T: Copy + Debug> S<T>) {} [fn f(&self) -> impl Fn(&T) -> String + use<T> { let t = self.0; move |a: &T| format!("{a:?}{t:?}") }]
        { S(1).f()(&2) } => ["{}"];
    impl_fn_of_a_borrowed_argument() {} [fn f(_a: Loud) -> impl Fn(&str) -> usize { let n = Loud("t").0.len(); move |a: &str| a.len() + n }] { f(Loud("a"))("x") } => ["{}"];
    impl_fn_of_boxed_futures() {} [fn f() -> impl Fn(u8) -> Pin<Box<dyn Future<Output = u8>>> { |x: u8| Box::pin(async move { x }) }] { wait(f()(3)) } => ["{}"];
    impl_fn_of_a_trait_object() {} [fn f() -> impl Fn() -> Box<dyn Debug> { || Box::new(3) }] { f()() } => ["{}"];
    impl_fn_without_types() { use std::cmp::Ordering; } [fn f<T: Ord>(back: bool) -> impl FnMut(&T, &T) -> Ordering { move |a, b| if back { b.cmp(a) } else { a.cmp(b) } }] { f(true)(&1, &2) } => ["{}"];
    impl_fn_lending() {} [fn f() -> impl Fn(&str) -> &str { |text| &text[1..] }] { f()("abc").to_owned() } => ["{}"];
    impl_fn_early() {} [fn f(n: u8) -> impl Fn(&u8) -> u8 { let _l = Loud("l"); if n > 9 { panic!("on purpose") } let g = move |a: &u8| a + n; if n > 1 { return g; } g }] { (f(1)(&1), f(2)(&1)) } => ["{}", "{}"];
    impl_fn_panics() {} [fn f(n: u8) -> impl Fn(&u8) -> u8 { if n > 1 { panic!("on purpose") } move |a| a + n }] { f(2)(&1) } => [];
    reference_to_a_result(properties(out = |r| *r)) { struct S(Result<u8, u8>); } in (impl S) {} [fn f(&self) -> &Result<u8, u8> { &self.0 }] { (*S(Ok(1)).f(), *S(Err(2)).f()) } => [r#"{"out":1}"#];
    reference_to_an_option(properties(out = |r| *r)) { struct S(Option<u8>); } in (impl S) {} [fn f(&mut self) -> &mut Option<u8> { &mut self.0 }] { (*S(Some(1)).f(), *S(None).f()) } => [r#"{"out":1}"#];
    reference_to_a_reference() {} [fn f<'a>(r: &'a &'a Option<u8>) -> &'a &'a Option<u8> { r }] { (**f(&&Some(1)), **f(&&None)) } => ["{}"];
    parameter_that_is_a_result() { #[derive(Clone)] struct S<T>(T); } in (impl<T: Clone> S<T>) {} [fn f(&self) -> T { self.0.clone() }]
        { (S(Ok::<u8, u8>(1)).f(), S(Err::<u8, u8>(2)).f(), S(3).f(), S(None::<u8>).f(), S(Some(5)).f()) } => ["{}", "{}", "{}"];
    reference_to_a_result_of_a_parameter() { struct S<T>(T); } in (impl<T: Clone> S<T>) {} [fn f(&self) -> &T { &self.0 }]
        { (*S(Ok::<u8, u8>(1)).f(), *S(Err::<u8, u8>(2)).f()) } => ["{}"];
    item_of_a_parameter() { struct S<T>(T); } in (impl<T: Iterator> S<T>) {} [fn f(mut self) -> T::Item { self.0.next().unwrap() }]
        { (S(vec![Ok::<u8, u8>(1)].into_iter()).f(), S(vec![Err::<u8, u8>(2)].into_iter()).f()) } => ["{}"];
    output_of_a_trait() { struct S(Result<u8, u8>); impl T for S { type Out = Result<u8, u8>; fn out(&self) -> Self::Out { self.0 } } }
        in (trait T) { type Out; fn out(&self) -> Self::Out; } [fn f(&self) -> Self::Out { self.out() }] { (S(Ok(1)).f(), S(Err(2)).f()) } => ["{}"];
    impl_iterator() {} [fn f<'a>(n: &'a [u8], by: &'a u8) -> impl Iterator<Item = u8> + use<'a> { n.iter().map(move |n| n * by) }] { f(&[1, 2], &3).collect::<Vec<_>>() } => ["{}"];
    impl_iterator_of_impl() {} [fn f() -> impl Iterator<Item = impl Display> { vec![1, 2].into_iter() }] { f().count() } => ["{}"];
    boxed_fn() {} [fn f(n: u8) -> Box<dyn Fn(u8) -> u8> { if n == 0 { return Box::new(|a| a); } Box::new(move |a| a + n) }] { (f(0)(1), f(1)(2)) } => ["{}", "{}"];
    coerced_slice() {} [fn f<'a>() -> &'a [u8] { if false { return &[1]; } &[1, 2] }] { f() } => ["{}"];
    coerced_pointer() {} [fn f() -> fn(u8) -> u8 { |a| a + 1 }] { f()(1) } => ["{}"];
    reference_in_and_out(properties(out = |r| **r)) {} [fn f(a: &mut u8) -> &u8 { *a += 1; a }] { *f(&mut 1) } => [r#"{"out":2}"#];
    borrowed_out_of_mut(properties(out = |r| **r)) {} [fn f(a: &mut Vec<u8>) -> &mut u8 { a.push(1); a.last_mut().unwrap() }]
        { *f(&mut vec![]) += 1; } => [r#"{"out":1}"#];
    unit() {} [fn f() -> () { return; }] { f() } => ["{}"];
    array_and_tuple(properties(out = |(a, [b, _])| a + b)) {} [fn f() -> (u8, [u8; 2]) { (1, [2, 3]) }] { f() } => [r#"{"out":3}"#];
    panics() {} [fn f(_a: Loud) -> u8 { let _l = Loud("l"); panic!("on purpose") }] { f(Loud("a")) } => [];
    endless_types() {} [fn f() -> Result<u8, std::convert::Infallible> { Ok(1) }] { f() } => ["{}"];
    cow() { use std::borrow::Cow; } [fn f(a: &str) -> Cow<'_, str> { if a.is_empty() { return "empty".into(); } Cow::Borrowed(a) }] { f("a") } => ["{}"];
    unusual_error() {} [fn f() -> Result<u8, Box<dyn std::error::Error>> { Ok("7".parse::<u8>()?) }] { f().ok() } => ["{}"];
    macro_in_the_type() { macro_rules! res { ($t:ty) => { Result<$t, ()> }; } } [fn f(n: u8) -> res!(u8) { if n > 1 { Err(()) } else { Ok(n) } }] { (f(1), f(2)) } => ["{}"];
}
