import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import { createServer, defineConfig, type Plugin } from 'vite';

/** Nothing but the page's own origin, and of inline scripts and styles the page's own, known by their hashes. */
const contentSecurityPolicyOf = (html: string) =>
  [
    "default-src 'none'",
    `script-src 'self' 'wasm-unsafe-eval' ${hashesOf(html, 'script')}`,
    `style-src 'self' ${hashesOf(html, 'style')}`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

/** Of the elements of this name that have no attributes: those are inline. */
function hashesOf(html: string, element: string): string {
  const inline = html.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, 'gs'));
  return Array.from(inline, ([, content = '']) => {
    return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
  }).join(' ');
}

/** In the built page only: the development server puts scripts of its own into the page. */
const contentSecurityPolicy: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler: (html) => [
      {
        tag: 'meta',
        attrs: {
          'http-equiv': 'Content-Security-Policy',
          content: contentSecurityPolicyOf(html),
        },
        injectTo: 'head-prepend',
      },
    ],
  },
};

/** What a page needs of src/app/prerender.tsx. */
interface Prerendering {
  readonly prerender: () => string;
}

/**
 * Puts the page as a first visitor finds it, and the styles that it needs, into the HTML itself: it is painted when that
 * has arrived, however long the scripts take. They then put the living page in its place, which looks the same.
 */
const firstPaint: Plugin = {
  name: 'first-paint',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler: async (html, { path, bundle }) => {
      if (path !== '/index.html') return html;
      const { markup, rules } = withoutStyleAttributes(await prerendered());
      const inlined = html
        .replaceAll(STYLESHEET, (link, file: string) => {
          const asset = bundle?.[file];
          return asset?.type === 'asset' ? `<style>${String(asset.source).trim()}</style>` : link;
        })
        .replace('</head>', () => `<style>${rules}</style></head>`);
      const whole = inlined.replace(
        ROOT,
        () => `${ROOT_START}<div data-prerendered inert>${markup}</div></div>`,
      );
      if (whole === inlined || STYLESHEET.test(whole)) {
        throw new Error('The first paint has no place in index.html.');
      }
      return whole;
    },
  },
};

const ROOT_START = '<div id="root">';
const ROOT = `${ROOT_START}</div>`;
const STYLESHEET = /<link rel="stylesheet"[^>]*href="\.\/([^"]+)"[^>]*>/g;

/** Modules of the page, run here: by a server of Vite's that listens to nobody. */
async function prerendered(): Promise<string> {
  const server = await createServer({
    mode: 'production',
    appType: 'custom',
    logLevel: 'error',
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true, include: [] },
  });
  try {
    const page = (await server.ssrLoadModule('/src/app/prerender.tsx')) as Prerendering;
    return page.prerender();
  } finally {
    await server.close();
  }
}

/** Rules in the place of style attributes, which the page's Content-Security-Policy forbids in HTML. */
function withoutStyleAttributes(html: string): { markup: string; rules: string } {
  const styles: string[] = [];
  const markup = html.replaceAll(/ style="([^"]*)"/g, (_, value: string) => {
    const known = styles.indexOf(value);
    const index = known >= 0 ? known : styles.push(value) - 1;
    return ` data-style="${index}"`;
  });
  // By the id, because an attribute of its own would win over every class.
  const rules = styles.map((style, i) => `#root [data-style="${i}"]{${unescaped(style)}}`).join('');
  return { markup, rules };
}

function unescaped(attribute: string): string {
  return attribute.replaceAll('&#x27;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}

/** A recorded run is shown only if it was made with the weights that the page comes with. */
const bundledWeights = createHash('sha256')
  .update(readFileSync(new URL('public/models/nano-opensci/model.safetensors', import.meta.url)))
  .digest('hex');

/** The site, one document each. */
const PAGES = ['index.html', 'learn.html', 'guide.html'];

export default defineConfig({
  base: './',
  /** No client-side routes: what is not there answers 404, not a page. */
  appType: 'mpa',
  /** The policy last: it knows what the others put in by its hashes. */
  plugins: [react(), firstPaint, contentSecurityPolicy],
  define: { BUNDLED_WEIGHTS_SHA256: JSON.stringify(bundledWeights) },
  worker: { format: 'es' },
  build: {
    target: 'esnext',
    chunkSizeWarningLimit: 1000,
    rolldownOptions: { input: PAGES },
  },
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  preview: { port: 4173 },
});
