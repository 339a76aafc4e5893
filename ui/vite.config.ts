import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { licences } from './dev/licences';

export default defineConfig({
  plugins: [svelte(), licences()],
  // Relative: the same files are served by the core at `/` and by the desktop window.
  base: './',
  resolve: { alias: { $lib: fileURLToPath(new URL('./src/lib', import.meta.url)) } },
  build: { target: 'es2022', assetsInlineLimit: 0, reportCompressedSize: false },
  server: { port: 5173, strictPort: true, host: '127.0.0.1' },
});
