// The documentation site: docs/ as it is, with a menu and search. Pages also work on
// the git host, so a link may leave docs/; here it leads to the host then.
import { readFileSync, readdirSync } from 'node:fs'
import { basename, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

const docs = fileURLToPath(new URL('../../docs', import.meta.url))
const host = 'https://github.com/omninode-ai/onex/blob/main/'

const module = path => fileURLToPath(new URL('../node_modules/' + path, import.meta.url))

// Where pages stand in the menu; a directory means all its pages. What is named
// nowhere comes last, so that no page is lost.
const menu = {
  'Start': ['getting-started', 'concepts', 'write-a-node', 'guides'],
  'Files': ['metadata', 'file-types', 'canaries', 'watching', 'merging', 'signatures'],
  'Nodes and tools': ['manifest-and-contract', 'registry', 'invoke', 'mcp', 'parity', 'scenarios', 'lint', 'plugins', 'ports', 'nodes'],
  'Events and buses': ['events', 'bus', 'bus-workflow', 'bus-troubleshooting', 'clients', 'ipc', 'zeromq', 'write-a-bus', 'spec'],
  'Reference': ['cli', 'configuration', 'errors'],
  'Run and release': ['operations', 'telemetry', 'security', 'secrets', 'audit', 'development', 'testing', 'standards'],
  'Why': ['architecture', 'decisions', 'design', 'differences', 'dependencies', 'rough-edges', 'roadmap', 'handover', 'milestone-1', 'milestones'],
}

// pages returns the pages below a directory of docs/, without their ending.
function pages(dir = '') {
  return readdirSync(join(docs, dir), { withFileTypes: true }).sort((a, b) => a.name.localeCompare(b.name)).flatMap(e => {
    const path = posix.join(dir, e.name)
    if (e.isDirectory()) return pages(path)
    return e.name.endsWith('.md') && path !== 'index.md' ? [path.slice(0, -3)] : []
  })
}

function title(page) {
  const heading = /^# (.+)$/m.exec(readFileSync(join(docs, page + '.md'), 'utf8'))
  return heading ? heading[1].replace(/`/g, '') : basename(page)
}

function sidebar() {
  const left = new Set(pages())
  const take = name => [...left].filter(p => p === name || p.startsWith(name + '/')).map(p => {
    left.delete(p)
    return { text: title(p), link: '/' + p.replace(/README$/, '') }
  })
  const groups = Object.entries(menu).map(([text, names]) => ({ text, collapsed: text === 'Why', items: names.flatMap(take) }))
  const rest = [...left].flatMap(take)
  if (rest.length) groups.push({ text: 'More', items: rest })
  return groups.filter(g => g.items.length)
}

// leaving makes links to files outside docs/ lead to the git host.
function leaving(md) {
  md.core.ruler.push('leaving', state => {
    for (const block of state.tokens) for (const token of block.children ?? []) {
      const href = token.type === 'link_open' && token.attrGet('href')
      if (!href || /^([a-z]+:|#|\/)/.test(href)) continue
      const path = posix.normalize(posix.join('docs', posix.dirname(state.env.relativePath), href))
      if (!path.startsWith('docs/') || /\.(ya?ml|json|txt)$/.test(path)) token.attrSet('href', host + path)
    }
  })
  // The metadata of a page is for tools.
  md.core.ruler.before('normalize', 'metadata', state => { state.src = state.src.replace(/^<!-- === OmniNode:Metadata ===\n[^]*?\/OmniNode:Metadata === -->\n+/, '') })
  // Pages are text: two braces are not an expression of the site generator.
  md.renderer.rules.code_inline = (tokens, i, options, env, self) => `<code v-pre${self.renderAttrs(tokens[i])}>${md.utils.escapeHtml(tokens[i].content)}</code>`
  md.renderer.rules.text = (tokens, i) => md.utils.escapeHtml(tokens[i].content).replaceAll('{{', '&#123;&#123;')
}

export default {
  srcDir: '../docs',
  outDir: '.vitepress/dist',
  base: process.env.SITE_BASE ?? '/',
  title: 'ONEX',
  description: 'Tools and files that say what they are, and prove it',
  lang: 'en',
  rewrites: { 'nodes/README.md': 'nodes/index.md' },
  // Pages lie outside this directory, where nothing would be found for them.
  vite: { resolve: { alias: [
    { find: /^vue$/, replacement: module('vue/dist/vue.runtime.esm-bundler.js') },
    { find: /^vue\/server-renderer$/, replacement: module('vue/server-renderer/index.mjs') },
  ] } },
  markdown: { html: false, config: leaving },
  themeConfig: {
    search: { provider: 'local' },
    nav: [
      { text: 'Getting started', link: '/getting-started' },
      { text: 'Commands', link: '/cli' },
      { text: 'Errors', link: '/errors' },
    ],
    sidebar: sidebar(),
    outline: [2, 3],
    socialLinks: [{ icon: 'github', link: 'https://github.com/omninode-ai/onex' }],
    editLink: { pattern: 'https://github.com/omninode-ai/onex/edit/main/docs/:path', text: 'Mend this page' },
  },
}
