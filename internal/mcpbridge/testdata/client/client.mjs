// A client of the official TypeScript SDK: lists, calls, and sees a node vanish.
// usage: node client.mjs MODULES URL TOKEN
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [modules, url, token] = process.argv.slice(2);
const find = createRequire(modules + '/');
const load = name => import(pathToFileURL(find.resolve(name)));
const { Client } = await load('@modelcontextprotocol/sdk/client/index.js');
const { StreamableHTTPClientTransport } = await load('@modelcontextprotocol/sdk/client/streamableHttp.js');
const { ToolListChangedNotificationSchema } = await load('@modelcontextprotocol/sdk/types.js');

const client = new Client({ name: 'typescript', version: '1' });
const names = async () => (await client.listTools()).tools.map(t => t.name).join(',');
client.setNotificationHandler(ToolListChangedNotificationSchema, async () => {
  const now = await names();
  if (now === '') {
    const gone = await client.callTool({ name: 'greet', arguments: { name: 'Ada' } });
    console.log('gone', gone._meta['onex/error'].code);
    await client.close();
  }
});
await client.connect(new StreamableHTTPClientTransport(new URL(url), {
  requestInit: { headers: { Authorization: 'Bearer ' + token } },
}));
console.log('tools', await names());
const good = await client.callTool({ name: 'greet', arguments: { name: 'Ada' } });
console.log('result', good.structuredContent.greeting);
const bad = await client.callTool({ name: 'greet', arguments: { Name: 'Ada' } });
console.log('error', bad.isError, bad._meta['onex/error'].code);
console.log('leave');
