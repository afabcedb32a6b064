// Fails the build when the script that the first page needs grows beyond 350 kB gzip, or when the built
// console names an address outside of its host.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const dist = join(dirname(fileURLToPath(import.meta.url)), "..", "dist");
const assets = join(dist, "assets");
const html = readFileSync(join(dist, "index.html"), "utf8");
const size = (file) => gzipSync(readFileSync(join(assets, file)), { level: 9 }).length;

// What index.html names, and what those import statically: all of it is loaded before anything is seen.
const first = new Set();
const visit = (file) => {
  if (first.has(file)) return;
  first.add(file);
  const text = readFileSync(join(assets, file), "utf8");
  for (const [, found] of text.matchAll(/(?:from|import)\s*"\.\/([\w.-]+\.js)"/g)) visit(found);
};
for (const [, file] of html.matchAll(/assets\/([\w.-]+\.js)/g)) visit(file);
// The words of one language, and the page one lands on, come before anything is read too.
for (const file of readdirSync(assets)) if (/^(ja|ja_JP|Overview)-[\w-]+\.js$/.test(file)) visit(file);

const total = [...first].reduce((sum, file) => sum + size(file), 0);
const limit = 350_000;
console.log(`console: ${(total / 1000).toFixed(1)} kB of script (gzip) before the first page, limit ${limit / 1000} kB`);
const files = readdirSync(assets).filter((name) => name.endsWith(".js"));
for (const file of files.sort((a, b) => statSync(join(assets, b)).size - statSync(join(assets, a)).size).slice(0, 8))
  console.log(`  ${(size(file) / 1000).toFixed(1).padStart(7)} kB  ${file}${first.has(file) ? "  (first)" : ""}`);
if (total > limit) {
  console.error("console: over the limit; load what only one page needs with that page");
  process.exit(1);
}
for (const file of readdirSync(assets).filter((name) => name.endsWith(".css")))
  if (/url\(["']?(https?:)?\/\//.test(readFileSync(join(assets, file), "utf8"))) {
    console.error(`console: ${file} loads something from outside the host`);
    process.exit(1);
  }
if (/(src|href)="(https?:)?\/\//.test(html)) {
  console.error("console: index.html loads something from outside the host");
  process.exit(1);
}
