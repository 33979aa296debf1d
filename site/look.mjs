// Looks at the built site in a real browser: look.mjs CHROMIUM SCREENSHOT. Opens
// every page and searches. Fails on an error in the console, a request that fails,
// a page without a heading, or a search that finds nothing.
import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import { readdirSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import puppeteer from 'puppeteer-core'

const [, , chromium, screenshot] = process.argv
const dist = fileURLToPath(new URL('.vitepress/dist', import.meta.url))
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.woff2': 'font/woff2', '.svg': 'image/svg+xml' }
const pageLimit = 60_000 // milliseconds for one page on a loaded machine

const server = createServer(async (request, response) => {
  const path = new URL(request.url, 'http://localhost').pathname
  const name = path.endsWith('/') ? path + 'index.html' : extname(path) ? path : path + '.html'
  try {
    const data = await readFile(join(dist, decodeURIComponent(name)))
    response.writeHead(200, { 'content-type': types[extname(name)] ?? 'application/octet-stream' }).end(data)
  } catch {
    response.writeHead(path === '/favicon.ico' ? 204 : 404).end()
  }
})
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
const site = `http://127.0.0.1:${server.address().port}/`

const faults = []
const browser = await puppeteer.launch({ executablePath: chromium, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'], protocolTimeout: 3 * pageLimit })
const page = await browser.newPage()
page.setDefaultTimeout(pageLimit)
await page.setViewport({ width: 1280, height: 900 })
let at = ''
page.on('console', m => { if (m.type() === 'error' || m.type() === 'warn') faults.push(`${at}: console: ${m.text()}`) })
page.on('pageerror', e => faults.push(`${at}: ${e.message}`))
page.on('response', r => { if (r.status() >= 400) faults.push(`${at}: ${r.status()} ${r.url()}`) })
page.on('requestfailed', r => { if (!r.failure()?.errorText.includes('ABORTED')) faults.push(`${at}: ${r.failure()?.errorText} ${r.url()}`) })
page.on('request', r => { if (!r.url().startsWith(site) && !r.url().startsWith('data:')) faults.push(`${at}: asks another server: ${r.url()}`) })

const pages = readdirSync(dist, { recursive: true }).filter(p => p.endsWith('.html') && p !== '404.html').map(p => p.replace(/\\/g, '/'))
for (at of pages) {
  await page.goto(site + at, { waitUntil: 'load' })
  await page.waitForFunction(() => document.querySelector('#app')?.__vue_app__) // its own scripts run after the load
    .catch(() => faults.push(`${at}: its scripts do not run`))
  if (!await page.$eval('h1', h => h.textContent.trim()).catch(() => '')) faults.push(`${at}: no heading`)
}

at = 'search'
await page.goto(site + 'getting-started.html', { waitUntil: 'networkidle0' })
await page.click('#local-search button')
await page.waitForSelector('#localsearch-input')
await page.type('#localsearch-input', 'contract')
const found = await page.waitForSelector('#localsearch-list li a').then(() => page.$$eval('#localsearch-list li a', a => a.length), () => 0)
if (!found) faults.push('search: "contract" is not found')
if (screenshot) await page.screenshot({ path: screenshot })

await browser.close()
server.close()
for (const fault of faults) console.error(fault)
console.log(`${pages.length} pages, ${found} found by search, ${faults.length} faults`)
process.exit(faults.length || pages.length < 10 ? 1 : 0)
