// The order of keys is not what it looks like: numbers come first.
const seen = { b: 0, a: 0, 1: 0 };
process.stdout.write(JSON.stringify({ text: Object.keys(seen).join(",") }));
