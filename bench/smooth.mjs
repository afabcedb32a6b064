// Frame times of the console on a large plant, in Debian's Chromium: while tables are scrolled, while the map is moved and
// zoomed. Start the center first: bench/scale.py --data FOLDER --serve. Two things are counted: the frames that were drawn, which
// is what an eye sees move, and those in which the page's own script had its turn (milliseconds between two of them): what is
// scrolled is moved by the browser, and rows that come into sight are the script's.
// The bare list stands beside them as what this machine's browser can do: rows of the same height and as many cells, made
// once, without a line of script. Nothing can be smoother than that.
// usage: node bench/smooth.mjs [--base https://127.0.0.1:18643] [--seconds 5] [--times 3] [--only NAME] [--shots FOLDER] [--update]
//   --update writes the section into docs/performance.md
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(join(dirname(fileURLToPath(import.meta.url)), "../console/package.json"));
const { chromium } = require("playwright-core");
const args = process.argv.slice(2);
const option = (name, otherwise) => { const at = args.indexOf(`--${name}`); return at < 0 ? otherwise : args[at + 1]; };
const base = option("base", "https://127.0.0.1:18643"), seconds = Number(option("seconds", 5)), times = Number(option("times", 3)), only = option("only", ""), shots = option("shots", "");
const profile = mkdtempSync(join(tmpdir(), "yagura-smooth-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.YAGURA_CHROMIUM ?? "/usr/bin/chromium", headless: true, ignoreHTTPSErrors: true, viewport: { width: 1440, height: 900 }, locale: "ja-JP", timezoneId: "Asia/Tokyo",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"],
});
const page = context.pages()[0] ?? (await context.newPage());
page.on("pageerror", (error) => console.log(`page error: ${error.message}`));
await page.addInitScript(() => {
  if (location.protocol === "https:") localStorage.setItem("yagura.signed-in", "1");
  window.__frames = [];
  const tick = (at) => { window.__frames.push(at); if (window.__frames.length > 100_000) window.__frames.length = 0; requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
});
const devtools = await context.newCDPSession(page);
const signed = await page.request.post(`${base}/api/v1/session`, { data: { name: "admin", password: "a password for the bench" } });
if (!signed.ok()) throw new Error(`signing in: ${signed.status()} ${await signed.text()}`);

const rows = new Map(); // Name → a measurement each time.
const part = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
/** Begins to count what the browser draws; what it gives back ends it and says how many. */
async function draws() {
  let many = 0;
  const count = ({ value }) => { many += value.filter((event) => event.name === "Display::DrawAndSwap" && event.ph === "X").length; };
  devtools.on("Tracing.dataCollected", count);
  await devtools.send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories: ["viz"] } });
  return async () => {
    const complete = new Promise((resolve) => devtools.once("Tracing.tracingComplete", resolve));
    await devtools.send("Tracing.end");
    await complete;
    devtools.off("Tracing.dataCollected", count);
    return many;
  };
}
/** Does `act` again and again for some seconds and looks at the frames meanwhile. */
async function measure(name, act) {
  const drawn = await draws();
  await page.evaluate(() => { window.__frames = []; });
  const begun = Date.now();
  const end = Date.now() + seconds * 1000;
  for (let step = 0; Date.now() < end; step++) await act(step);
  const lasted = (Date.now() - begun) / 1000;
  const frames = await page.evaluate(() => window.__frames);
  const seen = (await drawn()) / lasted;
  const gaps = frames.slice(1).map((at, index) => at - frames[index]).sort((a, b) => a - b);
  const late = gaps.filter((gap) => gap > 25).length;
  rows.set(name, [...(rows.get(name) ?? []), { drawn: seen, a_second: 1000 * gaps.length / (frames.at(-1) - frames[0]), half: part(gaps, 0.5), most: part(gaps, 0.95), late: late / gaps.length }]);
  console.log(`  ${name.padEnd(26)} drawn ${seen.toFixed(1)}/s   script ${(1000 * gaps.length / (frames.at(-1) - frames[0])).toFixed(1)} /s   half ${part(gaps, 0.5).toFixed(1)} ms   95 % ${part(gaps, 0.95).toFixed(1)} ms   most ${gaps.at(-1)?.toFixed(0)} ms   late ${late} of ${gaps.length}`);
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
/** The same gesture over as much text in rows of the same height. */
async function bare(name) {
  if (only && !name.includes(only)) return;
  const cells = (row) => Array.from({ length: 8 }, (_, at) => `<div><div>cell ${row} ${at}</div><div class="l2">second line</div></div>`).join("");
  await page.goto("about:blank");
  await page.setContent(`<style>body { margin: 0; font: 13px/1.35 sans-serif } #list { height: 800px; margin: 50px 20px 0 220px; overflow: auto }
    .r { display: grid; grid-template-columns: repeat(8, 1fr); height: 43px; border-bottom: 1px solid #ddd; align-items: center } .l2 { font-size: 12px; color: #777 }</style>
    <div id="list">${Array.from({ length: 600 }, (_, row) => `<div class="r">${cells(row)}</div>`).join("")}</div>`);
  await page.waitForTimeout(1500);
  await measure(name, () => devtools.send("Input.synthesizeScrollGesture", { x: 800, y: 600, yDistance: -1500 * seconds, speed: 1500, preventFling: true }));
}
/** In every frame for some seconds an event that the page makes itself, as a hand's: those sent from outside one by one wait for
    each other, and come in every third frame. */
const inEveryFrame = (make, until) => page.evaluate(([text, until]) => new Promise((resolve) => {
  const make = new Function("step", `return (${text})(step)`), begun = performance.now();
  let step = 0;
  const one = () => {
    if (performance.now() - begun > until) return resolve();
    const event = make(step++);
    (document.elementFromPoint(event.clientX, event.clientY) ?? document.body).dispatchEvent(event);
    requestAnimationFrame(one);
  };
  requestAnimationFrame(one);
}), [make.toString(), until]);
async function drag(name) {
  await page.mouse.move(700, middle());
  await page.mouse.down();
  await measure(name, () => inEveryFrame((step) => new MouseEvent("mousemove", { bubbles: true, cancelable: true, view: window, buttons: 1, clientX: 700 + 180 * Math.sin(step / 25), clientY: 450 + 120 * Math.cos(step / 25) }), seconds * 1000));
  await page.mouse.up();
}
const zoom = (name) => measure(name, () => inEveryFrame((step) => new WheelEvent("wheel", { bubbles: true, cancelable: true, view: window, deltaY: step % 60 < 30 ? -40 : 40, clientX: 700, clientY: 450 }), seconds * 1000));

try {
  for (let time = 0; time < times; time++) { // One after the other, again and again: a disturbance meets all of them.
    await bare("a bare list, scrolled");
    await scroll("devices, scrolled", "/devices");
    await scroll("operations, scrolled", "/operations?range=all");
    await scroll("conversations, scrolled", "/conversations");
  }
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

if (args.includes("--update")) {
  const middle = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const bareList = middle(rows.get("a bare list, scrolled").map((one) => one.drawn));
  const lines = [...rows].map(([name, found]) => {
    const of = (key) => middle(found.map((one) => one[key]));
    return `| ${name} | ${of("drawn").toFixed(0)} | ${name.endsWith("scrolled") ? (of("drawn") / bareList).toFixed(2) : ""} | ${of("a_second").toFixed(0)} | ${of("half").toFixed(1)} ms | ${of("most").toFixed(1)} ms | ${(100 * of("late")).toFixed(0)} % |`;
  });
  const mark = "## How smooth it is", page = "docs/performance.md", text = readFileSync(page, "utf8");
  const section = `${mark}

Made by \`bench/smooth.mjs --update\` on ${new Date().toISOString().slice(0, 10)}, on 5,000 devices with 1,000 records a second coming in, in Debian's
Chromium **without a graphics card**: both processors draw the pixels, ask the center and are the center. Tables are scrolled at
1,500 pixels a second, maps dragged and zoomed; the middle of ${times} runs where there are several.

| | drawn a second | of a bare list | the script's a second | half of them within | 95 % within | later than 25 ms |
|---|---:|---:|---:|---:|---:|---:|
${lines.join("\n")}

The bare list has rows of the same height and as many cells, made once, with no script at all: it is what this browser can draw
here, and nothing can be smoother. Drawn is what an eye sees move: a table is scrolled by the browser's compositor, and the page's
script only brings the rows, eight of them before they come into sight. While a large map is dragged or zoomed the compositor moves and scales what was drawn; the script draws it anew when the hand rests or nearly half of it would be bare.
`;
  const at = text.indexOf(mark), next = at < 0 ? -1 : text.indexOf("\n## ", at + 1);
  writeFileSync(page, at < 0 ? text.trimEnd() + "\n\n" + section : text.slice(0, at) + section + (next < 0 ? "" : text.slice(next)));
}
