fn a( {
}
fn b() {}
}
}
fn {}
fn c