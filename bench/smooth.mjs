// Frame times of the console on a large plant, in Debian's Chromium: while tables are scrolled, while the map is moved and
// zoomed. Start the center first: bench/scale.py --data FOLDER --serve. What it prints is milliseconds between two frames.
// usage: node bench/smooth.mjs [--base https://127.0.0.1:18643] [--seconds 5] [--only NAME] [--shots FOLDER]
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(join(dirname(fileURLToPath(import.meta.url)), "../console/package.json"));
const { chromium } = require("playwright-core");
const args = process.argv.slice(2);
const option = (name, otherwise) => { const at = args.indexOf(`--${name}`); return at < 0 ? otherwise : args[at + 1]; };
const base = option("base", "https://127.0.0.1:18643"), seconds = Number(option("seconds", 5)), only = option("only", ""), shots = option("shots", "");
const profile = mkdtempSync(join(tmpdir(), "yagura-smooth-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.YAGURA_CHROMIUM ?? "/usr/bin/chromium", headless: true, ignoreHTTPSErrors: true, viewport: { width: 1440, height: 900 }, locale: "ja-JP", timezoneId: "Asia/Tokyo",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"],
});
const page = context.pages()[0] ?? (await context.newPage());
page.on("pageerror", (error) => console.log(`page error: ${error.message}`));
await page.addInitScript(() => {
  localStorage.setItem("yagura.signed-in", "1");
  window.__frames = [];
  const tick = (at) => { window.__frames.push(at); if (window.__frames.length > 100_000) window.__frames.length = 0; requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
});
const devtools = await context.newCDPSession(page);
const signed = await page.request.post(`${base}/api/v1/session`, { data: { name: "admin", password: "a password for the bench" } });
if (!signed.ok()) throw new Error(`signing in: ${signed.status()} ${await signed.text()}`);

const part = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
/** Does `act` again and again for some seconds and looks at the frames meanwhile. */
async function measure(name, act) {
  await page.evaluate(() => { window.__frames = []; });
  const end = Date.now() + seconds * 1000;
  for (let step = 0; Date.now() < end; step++) await act(step);
  const frames = await page.evaluate(() => window.__frames);
  const gaps = frames.slice(1).map((at, index) => at - frames[index]).sort((a, b) => a - b);
  const late = gaps.filter((gap) => gap > 25).length;
  console.log(`  ${name.padEnd(30)} ${(1000 * gaps.length / (frames.at(-1) - frames[0])).toFixed(1)} frames/s   half ${part(gaps, 0.5).toFixed(1)} ms   95 % ${part(gaps, 0.95).toFixed(1)} ms   most ${gaps.at(-1)?.toFixed(0)} ms   late ${late} of ${gaps.length}`);
}
const open = async (path) => { await page.goto(base + path + (path.includes("?") ? "&" : "?") + "lang=ja"); await page.waitForTimeout(3500); };
const middle = () => page.viewportSize().height / 2;
async function scroll(name, path) {
  if (only && !name.includes(only)) return;
  await open(path);
  // As a hand does it: Chromium makes the gesture itself. Wheel events sent one by one wait for each other.
  const way = 1500 * seconds;
  await measure(name, () => devtools.send("Input.synthesizeScrollGesture", { x: 800, y: 600, yDistance: -way, speed: 1500, preventFling: true }));
}
async function drag(name) {
  await page.mouse.move(700, middle());
  await page.mouse.down();
  await measure(name, async (step) => { await page.mouse.move(700 + 180 * Math.sin(step / 25), middle() + 120 * Math.cos(step / 25)); await page.waitForTimeout(8); });
  await page.mouse.up();
}
const zoom = (name) => measure(name, async (step) => { await page.mouse.move(700, middle()); await page.mouse.wheel(0, step % 60 < 30 ? -60 : 60); await page.waitForTimeout(16); });

try {
  await scroll("devices, scrolled", "/devices");
  await scroll("operations, scrolled", "/operations?range=all");
  await scroll("conversations, scrolled", "/conversations");
  if (!only || "map".includes(only)) {
    await open("/map");
    await page.waitForTimeout(3000);
    await drag("map, from afar, moved");
    await zoom("map, zoomed in and out");
    await open("/map");
    await page.waitForTimeout(2000);
    await page.mouse.click(600, middle());
    await page.waitForTimeout(2500);
    await drag("map, near, moved");
  }
  for (const [w, h] of shots ? [[1440, 900], [1024, 768]] : [])
    for (const lang of ["ja", "en"]) {
      await page.setViewportSize({ width: w, height: h });
      await page.goto(`${base}/map?lang=${lang}`);
      await page.waitForTimeout(5000);
      await page.screenshot({ path: join(shots, `map-many-${lang}-${w}.png`) });
      await page.mouse.click(w * 0.45, h * 0.45);
      await page.waitForTimeout(3000);
      await page.screenshot({ path: join(shots, `map-many-near-${lang}-${w}.png`) });
    }
} finally {
  await context.close();
  rmSync(profile, { recursive: true, force: true });
}
