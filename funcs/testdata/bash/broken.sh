a() { echo "not closed
b() { :; }
