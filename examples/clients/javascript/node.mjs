// A node that speaks to the bus itself: it announces itself, beats, and serves a tool.
//
//   ONEX_BUS=nats://TOKEN@127.0.0.1:4222 node node.mjs &
//   onex invoke sort_numbers --args '{"items": [3, 1, 2]}'
//
// Whoever wants limits, restarts and checks for nothing lets "onex run" host a program instead.
import { Bus } from "./onexbus.mjs";

const name = "javascript_sorter", version = "1.0.0";
const list = { type: "object", properties: { items: { type: "array", items: { type: "number" } } }, required: ["items"] };
const contract = {
  contract_version: "1.0.0", node_name: name, node_version: version,
  tools: { sort_numbers: { description: "sorts numbers", idempotency: "pure", input: { ...list, additionalProperties: false }, output: list } },
};
const tools = { sort_numbers: ({ items }) => ({ items: items.toSorted((a, b) => a - b) }) };

let incarnation = 0, calls = 0, timer;
const bus = await Bus.open(undefined, { directed: take });

function announce() {
  bus.publish(`node_announce.${name}`, "NODE_ANNOUNCE", {
    node_id: bus.id, metadata_block: { name, version, runtime: "go" }, contract,
    status: "online", execution_mode: "external", incarnation,
  });
}

function accepted(said) {
  if (said.incarnation !== incarnation) console.error(`${name} is ready (node ${bus.id}, incarnation ${said.incarnation})`);
  incarnation = said.incarnation;
  clearInterval(timer);
  timer = setInterval(() => bus.publish(`node_heartbeat.${name}`, "NODE_HEARTBEAT",
    { node_id: bus.id, incarnation, in_flight: 0, calls }), said.ttl_ms / 3);
}

async function take(event) {
  const said = event.metadata;
  switch (event.event_type) {
    case "NODE_ANNOUNCE_ACCEPTED": return accepted(said);
    case "NODE_ANNOUNCE_REJECTED": throw new Error(`rejected: ${said.reason}`);
    case "NODE_DISCOVERY_REQUEST": return announce(); // the registry does not know us (any more)
    case "TOOL_PROXY_INVOKE": return serve(event, said);
  }
}

async function serve(event, said) {
  calls++;
  const began = performance.now();
  let kind = "TOOL_PROXY_RESULT", answer;
  try {
    answer = { status: "success", result: await tools[said.tool_name](said.arguments) };
  } catch (e) { // whatever it is, the caller is told
    kind = "TOOL_PROXY_ERROR";
    answer = { error: { code: "ONEX_CORE_081_OPERATION_FAILED", class: "internal", message: String(e.message) } };
  }
  bus.publish(`${kind.toLowerCase()}.${name}.${event.node_id}`, kind,
    { tool_name: said.tool_name, node_id: bus.id, ...answer, duration_ms: performance.now() - began }, event);
}

async function stop() {
  clearInterval(timer);
  bus.publish(`node_stopped.${name}`, "NODE_STOPPED", { node_id: bus.id, name, incarnation, reason: "told to stop" });
  await bus.close();
  process.exit();
}
process.on("SIGTERM", stop);
process.on("SIGINT", stop);

announce();
timer = setInterval(announce, 1000); // until we are accepted
