// Lists the tools on a bus, or calls one:
//
//   ONEX_BUS=nats://TOKEN@127.0.0.1:4222 node client.mjs
//   ONEX_BUS=nats://TOKEN@127.0.0.1:4222 node client.mjs greet '{"name": "Ada"}'
import { Bus } from "./onexbus.mjs";

const [name, args] = process.argv.slice(2);
const bus = await Bus.open();
try {
  if (name) {
    console.log(JSON.stringify(await bus.invoke(name, JSON.parse(args))));
  } else {
    for (const { tool, providers } of await bus.tools()) {
      console.log(`${tool.name}: ${tool.description ?? ""} (${providers.length} offer it)`);
    }
  }
} catch (e) {
  console.error(`client.mjs: ${e.message}`);
  process.exitCode = 1;
}
await bus.close();
