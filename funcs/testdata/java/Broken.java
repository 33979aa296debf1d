class A {
  void a() { String s = "not closed; }
  void b() {}
}
)
class B { void c(int x { }
