#![allow(dead_code)]
const A: &str = "fn no() {"; const B: &[u8] = b"\"fn no() {"; const C: &str = r#"fn no() { " "#;
const D: char = '"'; const E: char = '\''; const F: u8 = b'{'; const G: &str = "
fn no() {";
/* fn no() { /* nested */ fn no() { */
fn lifetimes<'a>(x: &'a str) -> &'a str { 'outer: loop { break 'outer } x }
macro_rules! make { ($name:ident) => { fn no() {} }; }
make! { fn no() {} }
thread_local!(static X: u8 = { fn no() {} 1 });
pub trait Shape: Sized where Self: Clone { fn no(&self); fn area(&self) -> f64 { 0.0 } const N: fn(u8) -> u8; }
impl<T: Fn(u8) -> u8> Shape for Vec<T> where T: Clone { fn area(&self) -> f64 { fn inner() {} if !(1 > 2) { return 1.0 } 2.0 } }
impl dyn Shape + 'static { pub fn on_dyn() {} }
impl<'a> From<&'a Point<{ 1 + 1 }>> for (u8, u8) { fn from(p: &'a Point<{ N }>) -> Self { p } }
extern "C" { fn no(x: i32); static Y: fn(); }
type Callback = fn(x: u8) -> u8;
mod inner { pub mod deep { pub fn in_mod() -> impl Fn(u8) -> u8 { |x| x } } fn hidden() {} }
pub const fn r#type(x: [u8; { 3 }]) -> [u8; { 3 }] { x }
fn closures() { let f = |x: u8| -> u8 { x }; let g = async move { f(1) }; let h = a != (b) && c < d; let i = x as fn(u8); }
fn naïve() -> ! { loop {} }
unsafe impl Send for X {} union U { a: u8 } struct S { f: fn(u8), g: Option<fn()> }
