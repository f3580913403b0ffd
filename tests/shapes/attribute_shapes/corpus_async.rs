//! Futures: when they are finished, what they drop, and how they are spelled.

super::shapes! {
    async_value(properties(out = |r| *r)) {} [async fn f(n: u8) -> u8 { tokio::task::yield_now().await; n + 1 }] { wait(f(1)) } => [r#"{"out":2}"#];
    async_unit() {} [async fn f() {}] { wait(f()) } => ["{}"];
    async_question_mark() {} [async fn f(a: &str) -> Result<u8, std::num::ParseIntError> { tokio::task::yield_now().await; let n = a.parse::<u8>()?; if n == 0 { return Ok(9); } Ok(n) }]
        { wait(async { (f("1").await, f("x").await, f("0").await) }) } => ["{}", "{}"];
    async_option() {} [async fn f(n: u8) -> Option<u8> { if n > 1 { None? } Some(n) }] { wait(async { (f(1).await, f(2).await) }) } => ["{}"];
    async_panic() {} [async fn f() -> u8 { let _l = Loud("l"); tokio::task::yield_now().await; panic!("on purpose") }] { wait(f()) } => [];
    async_dropped_early() {} [async fn f(_a: Loud, _b: Loud) { let _l = Loud("local"); std::future::pending::<()>().await; }]
        { wait(async { let mut f = Box::pin(f(Loud("a"), Loud("b"))); poll_once(f.as_mut()).await; }) } => [];
    async_never_polled() {} [async fn f(_a: Loud, _b: Loud) {}] { drop(f(Loud("a"), Loud("b"))); } => [];
    async_drop_order(properties(seen = b.0)) {} [async fn f(_a: Loud, b: Loud, (_c, _): (Loud, Loud)) -> usize { let _l = Loud("local"); tokio::task::yield_now().await; Loud("temporary").0.len() + b.0.len() }]
        { wait(f(Loud("a"), Loud("b"), (Loud("c"), Loud("d")))) } => [r#"{"seen":"b"}"#];
    async_mutable_argument() {} [async fn f(mut a: &str) -> usize { let l = "abc".to_owned(); a = &l; tokio::task::yield_now().await; a.len() }] { wait(f("x")) } => ["{}"];
    async_borrows(properties(seen = a, out = |r| *r)) {} [async fn f<'a>(a: &'a str, _b: &str) -> &'a str { tokio::task::yield_now().await; &a[1..] }] { wait(f("abc", "")) } => [r#"{"out":"bc","seen":"abc"}"#];
    async_elided(properties(seen = self.0)) { struct S(String); } in (impl S) {} [async fn f(&mut self, n: usize) -> &str { self.0.push('x'); tokio::task::yield_now().await; &self.0[n..] }]
        { wait(S("ab".into()).f(1)).to_owned() } => [r#"{"seen":"ab"}"#];
    async_owned_self() { struct S(Loud); } in (impl S) {} [async fn f(self, _x: Loud) -> &'static str { tokio::task::yield_now().await; self.0.0 }]
        { wait(S(Loud("s")).f(Loud("x"))) } => ["{}"];
    async_moved(properties(seen = a)) {} [async fn f(a: String) -> Vec<u8> { tokio::task::yield_now().await; a.into_bytes() }] { wait(f("a".into())) } => [r#"{"seen":"a"}"#];
    async_recursion(properties(seen = n)) {} [async fn f(n: u8) -> u8 { if n == 0 { 0 } else { 1 + Box::pin(f(n - 1)).await } }] { wait(f(2)) } => [r#"{"seen":0}"#, r#"{"seen":1}"#, r#"{"seen":2}"#];
    async_boxed_closure() {} [async fn f(n: u8) -> Box<dyn Fn(u8) -> u8> { if n == 0 { return Box::new(|a| a); } Box::new(move |a| a + n) }] { wait(f(1))(1) } => ["{}"];
    async_impl_fn() {} [async fn f(n: u8) -> impl Fn(u8) -> u8 { move |a| a + n }] { wait(f(1))(1) } => ["{}"];
    async_result_of_impl() {} [async fn f(n: u8) -> Result<impl Display, ()> { if n > 1 { return Err(()); } Ok(n) }] { (wait(f(1)).is_ok(), wait(f(2)).is_ok()) } => ["{}"];
    async_coercion() {} [async fn f<'a>() -> &'a [u8] { if false { return &[1]; } &[1, 2] }] { wait(f()) } => ["{}"];
    async_generic(properties(seen = %a)) {} [async fn f<T: Display + Clone, const N: usize>(a: T) -> [T; N] { std::array::from_fn(|_| a.clone()) }] { wait(f::<_, 2>(1)) } => [r#"{"seen":"1"}"#];
    async_in_a_trait() { trait T { async fn f(&self) -> Result<u8, ()>; } struct S; } in (impl T for S) {} [async fn f(&self) -> Result<u8, ()> { tokio::task::yield_now().await; Ok(1) }] { wait(S.f()) } => ["{}"];
    async_default_method() { struct S; impl T for S {} } in (#[allow(async_fn_in_trait)] trait T) { fn n(&self) -> u8 { 1 } } [async fn f(&self) -> Option<u8> { Some(self.n()) }] { wait(S.f()) } => ["{}"];
    async_destructured(properties(id, out = |r| r + id)) { struct Path<T>(T); } [async fn f(Path(id): Path<u8>, Path(mut body): Path<String>) -> u8 { tokio::task::yield_now().await; body.push('x'); body.len() as u8 }]
        { wait(f(Path(1), Path("a".into()))) } => [r#"{"id":1,"out":3}"#];
    async_condition(when = n > 1, properties(out = |r| r + n)) {} [async fn f(n: u8) -> u8 { n }] { wait(async { (f(1).await, f(2).await) }) } => [r#"{"out":4}"#];
    async_error(on = err, properties(out = |e| *e)) {} [async fn f(n: u8) -> Result<(), u8> { Err(n) }] { wait(f(1)) } => [r#"{"out":1}"#];
    async_not_send() {} [async fn f(n: Rc<u8>) -> Rc<u8> { tokio::task::yield_now().await; n }] { wait(f(Rc::new(1))) } => ["{}"];

    async_names_of_types_in_the_body() {} [async fn f() -> Vec<&'static str> { struct S; std::any::type_name::<S>().rsplit("::").take(3).collect() }] { wait(f()) } => ["{}"];
    async_type_in_the_body_named_like_the_return_type() { type R = u8; } [async fn f(n: u8) -> Option<R> { type R = &'static str; let r: R = "r"; if n > 1 { return None; } Some(r.len() as u8) }]
        { wait(async { (f(1).await, f(2).await) }) } => ["{}"];
    boxed_future(properties(seen = a, out = |r| *r)) {}
        [fn f<'a>(a: &'a str) -> Pin<Box<dyn Future<Output = Result<usize, ()>> + Send + 'a>> { let n = a.len(); if n > 3 { return Box::pin(std::future::ready(Err(()))); } Box::pin(async move { tokio::task::yield_now().await; if n > 2 { return Err(()); } Ok(n) }) }]
        { wait(async { (f("a").await, f("abc").await, f("abcd").await) }) } => [r#"{"out":1,"seen":"a"}"#];
    boxed_future_dropped_early() {} [fn f(a: Loud) -> Pin<Box<dyn Future<Output = ()>>> { Box::pin(async move { let _a = a; std::future::pending().await }) }]
        { wait(async { let mut f = f(Loud("a")); poll_once(f.as_mut()).await; }) } => [];
    boxed_future_of_a_method(properties(seen = self.0, out = |r| r + self.0)) { struct S(u8); } in (impl S) {} [fn f(&self) -> Pin<Box<dyn Future<Output = u8> + '_>> { Box::pin(async move { self.0 + 1 }) }]
        { wait(S(1).f()) } => [r#"{"out":3,"seen":1}"#];
    boxed_future_alias(properties(out = |r| *r)) { type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>; }
        [fn f(n: u8) -> BoxFuture<'static, Result<u8, ()>> { Box::pin(async move { if n > 1 { Err(()) } else { Ok(n) } }) }]
        { wait(async { (f(1).await, f(2).await) }) } => [r#"{"out":1}"#];
    impl_future(properties(seen = n, out = |r| *r)) {}
        [fn f(n: u8) -> impl Future<Output = Result<u8, String>> { let m = n + 1; async move { if m > 2 { Err("no")?; } Ok(m) } }]
        { wait(async { (f(1).await, f(2).await) }) } => [r#"{"out":2,"seen":1}"#];
    impl_future_of_a_trait(properties(seen = self.0, out = |r| *r)) { trait T { fn f(&self, n: u8) -> impl Future<Output = Result<u8, ()>> + Send; } struct S(u8); }
        in (impl T for S) {} [fn f(&self, n: u8) -> impl Future<Output = Result<u8, ()>> + Send { let m = self.0 + n; async move { tokio::task::yield_now().await; if m > 9 { Err(()) } else { Ok(m) } } }]
        { wait(async { (S(1).f(2).await, S(9).f(2).await) }) } => [r#"{"out":3,"seen":1}"#];
    impl_future_send() { fn send<T: Send + 'static>(t: T) -> T { t } } [fn f(n: u8) -> impl Future<Output = u8> + Send + 'static { std::future::ready(n) }] { wait(send(f(1))) } => ["{}"];
    impl_future_borrowing(properties(seen = a, out = |r| *r)) {} [fn f<'a>(a: &'a str, _b: &str) -> impl Future<Output = &'a str> + use<'a> { async move { tokio::task::yield_now().await; &a[1..] } }]
        { let a = "abc".to_owned(); wait(f(&a, "")).to_owned() } => [r#"{"out":"bc","seen":"abc"}"#];
    impl_future_early_return() {} [fn f(n: u8) -> impl Future<Output = u8> { if n == 0 { return std::future::ready(9); } std::future::ready(n) }] { wait(async { (f(0).await, f(1).await) }) } => ["{}", "{}"];
    boxed_future_of_impl(properties(out = %|r| r)) {} [fn f() -> Pin<Box<dyn Future<Output = impl Display>>> { Box::pin(async { 3 }) }] { wait(f()).to_string() } => [r#"{"out":"3"}"#];
    impl_future_of_impl(properties(out = %|r| r)) {} [fn f() -> impl Future<Output = impl Display> { async { 3 } }] { wait(f()).to_string() } => [r#"{"out":"3"}"#];
}
