let input = "";
process.stdin.on("data", (chunk) => (input += chunk));
process.stdin.on("end", () => {
  const { text = "" } = JSON.parse(input);
  process.stdout.write(JSON.stringify({ text: text.toUpperCase() }));
});
