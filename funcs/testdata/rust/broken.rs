fn a() { let s = "not closed; }
fn b() {}
