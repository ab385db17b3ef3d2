import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Nothing but the page's own origin: no other scripts, styles, pictures or requests. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** In the built page only: the development server puts scripts of its own into the page. */
const contentSecurityPolicy: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: { 'http-equiv': 'Content-Security-Policy', content: CONTENT_SECURITY_POLICY },
      injectTo: 'head-prepend',
    },
  ],
};

export default defineConfig({
  base: './',
  /** One page, no client-side routes: what is not there answers 404, not the page. */
  appType: 'mpa',
  plugins: [react(), contentSecurityPolicy],
  worker: { format: 'es' },
  build: { target: 'esnext', chunkSizeWarningLimit: 1000 },
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  preview: { port: 4173 },
});
