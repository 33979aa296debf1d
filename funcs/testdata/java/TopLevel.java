void main() { helper(); }
static String helper() { return ""; }
