let calls = 0;
const any = { type: "object" };
const tools = [{ name: "javascript_remembers", inputSchema: any, outputSchema: any }];
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const m = JSON.parse(line);
  if (m.id === undefined) return;
  const answer = { jsonrpc: "2.0", id: m.id };
  if (m.method === "tools/list") answer.result = { tools };
  else if (m.method === "tools/call") {
    answer.result = { content: [], structuredContent: { text: String(++calls) } };
  } else answer.error = { code: -32601, message: "method not found" };
  console.log(JSON.stringify(answer));
});
