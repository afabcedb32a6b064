// Pictures of pages from the fixture, for looking at. usage: node dev/shot.mjs OUT.png PATH [--w 1440] [--h 900]
//   [--lang ja] [--theme light] [--scenario normal] [--out (signed out)] [--must] [--wait ms] [--js CODE] [--base URL] [--role R]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const args = process.argv.slice(2);
const option = (name, otherwise) => { const at = args.indexOf(`--${name}`); return at < 0 ? otherwise : (args[at + 1] ?? true); };
const [out, path] = args;
const base = option("base", "http://127.0.0.1:8790");
const lang = option("lang", "ja"), theme = option("theme", "light");
const profile = mkdtempSync(join(tmpdir(), "yagura-shot-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: "/usr/bin/chromium", headless: true, viewport: { width: Number(option("w", 1440)), height: Number(option("h", 900)) },
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
try {
  const page = context.pages()[0] ?? await context.newPage();
  page.on("console", (message) => { if (["error", "warning"].includes(message.type())) console.log(`console ${message.type()}: ${message.text()}`); });
  page.on("pageerror", (error) => console.log(`pageerror: ${error.message}`));
  page.on("request", (request) => { if (!request.url().startsWith(base) && !request.url().startsWith("data:") && !request.url().startsWith("blob:")) console.log(`outside: ${request.url()}`); });
  await page.request.get(`${base}/__scenario?name=${option("scenario", "normal")}&signed=${args.includes("--out") ? "out" : "in"}&must=${args.includes("--must") ? 1 : 0}&role=${option("role", "admin")}`);
  if (!args.includes('--out')) await page.addInitScript(() => localStorage.setItem('yagura.signed-in', '1'));
  const target = new URL(path, base);
  target.searchParams.set("lang", lang);
  target.searchParams.set("theme", theme);
  await page.goto(target.href);
  await page.waitForTimeout(Number(option("wait", 1500)));
  const js = option("js", "");
  if (js) { await page.evaluate(js); await page.waitForTimeout(600); }
  const keys = option("keys", "");
  if (keys) { for (const key of keys.split(" ")) await page.keyboard.press(key); await page.waitForTimeout(700); }
  await page.screenshot({ path: out });
} finally {
  await context.close();
  rmSync(profile, { recursive: true, force: true });
}
