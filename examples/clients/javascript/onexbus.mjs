// The bus of ONEX from JavaScript, over the NATS client (npm install @nats-io/transport-node).
//
// Events are JSON on NATS subjects: <prefix>.<kind>.<publisher>, and one token more, the
// receiver, when they are directed to somebody.
//
//   const bus = await Bus.open("nats://TOKEN@127.0.0.1:4222");  // "onex up" with listen: and listen_token:
//   for (const { tool } of await bus.tools()) console.log(tool.name);
//   console.log(await bus.invoke("greet", { name: "Ada" }));
import { randomUUID } from "node:crypto";
import { connect } from "@nats-io/transport-node";

/** A call that was answered with an error: code, message, hint. */
export class Failed extends Error {
  constructor(error) {
    super(`${error.message} (${error.code})`);
    this.error = error;
  }
}

export class Bus {
  #waiting = new Map(); // by the id of the question

  /** Connects. directed is called for each event that is directed to us and answers no question. */
  static async open(url = process.env.ONEX_BUS, { prefix = "onex.events", directed = () => {} } = {}) {
    const { username, host } = new URL(url.replace(/^nats:/, "http:"));
    const bus = new Bus();
    bus.prefix = prefix;
    bus.id = randomUUID();
    bus.nats = await connect({ servers: host, token: decodeURIComponent(username) || undefined });
    bus.nats.subscribe(`${prefix}.*.*.${bus.id}`, {
      callback: (_, message) => {
        const event = message.json();
        const answer = bus.#waiting.get(event.causation_id);
        answer ? answer(event) : directed(event);
      },
    });
    await bus.nats.flush();
    return bus;
  }

  /** Publishes an event and returns its id. cause is the event that it answers. */
  publish(subject, kind, metadata, cause, id = randomUUID()) {
    this.nats.publish(`${this.prefix}.${subject}`, JSON.stringify({
      schema_version: "1.0.0", event_id: id, timestamp: new Date().toISOString().replace("Z", "000Z"), node_id: this.id,
      event_type: kind, correlation_id: cause?.correlation_id ?? id, causation_id: cause?.event_id,
      traceparent: cause?.traceparent, metadata,
    }));
    return id;
  }

  /** Publishes a question and returns the event that answers it. */
  async ask(subject, kind, metadata, timeout = 5000) {
    const id = randomUUID();
    let timer;
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting.set(id, resolve);
        timer = setTimeout(() => reject(new Error(`no answer to ${kind} in ${timeout} ms`)), timeout);
        this.publish(subject, kind, metadata, undefined, id);
      });
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  /** Returns the tools, each with its contract and who offers it; all without a name. */
  async tools(name = "") {
    const found = [];
    for (let ask = name; ; ask = found.at(-1).tool.name.toUpperCase()) { // what follows this one
      const { metadata } = await this.ask("tool_discovery_request.javascript", "TOOL_DISCOVERY_REQUEST", ask ? { tool_name: ask } : {});
      found.push(...(metadata.tools ?? []));
      if (name || !metadata.tools?.length) return found;
    }
  }

  /** Calls a tool and returns its result. */
  async invoke(tool, args, timeout = 5000) {
    const [offer] = (await this.tools(tool)).flatMap((t) => t.providers);
    if (!offer) throw new Error(`nobody offers ${tool}`);
    const { metadata } = await this.ask(`tool_proxy_invoke.javascript.${offer.node_id}`, "TOOL_PROXY_INVOKE", {
      tool_name: tool, arguments: args, timeout_ms: timeout, origin_node_id: this.id,
    }, timeout);
    if (metadata.error) throw new Failed(metadata.error);
    return metadata.result;
  }

  close() {
    return this.nats.drain();
  }
}
