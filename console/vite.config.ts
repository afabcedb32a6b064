import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The center serves dist/ as it is: relative to its root, no inline script, nothing from elsewhere.
const center = process.env.YAGURA_CENTER ?? "http://127.0.0.1:8790";

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2020",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    reportCompressedSize: false,
  },
  worker: { format: "es" },
  server: { port: 5173, strictPort: true, proxy: { "/api": { target: center, changeOrigin: false, secure: false } } },
});
