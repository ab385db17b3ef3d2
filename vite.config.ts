import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  base: './',
  plugins: [react()],
  worker: { format: 'es' },
  build: { target: 'esnext', chunkSizeWarningLimit: 1000 },
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  preview: { port: 4173 },
});
