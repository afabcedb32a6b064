// The states of each page (first visit, empty, 5,000 devices, failing, slow), from the stand-in for the center.
// usage: node tests/browser/states.mjs [--url http://127.0.0.1:8790] [--shots DIR] [--only ledger,import]     (npm run fixture first)
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Browser, options } from "./browser.mjs";

const asked = options(process.argv.slice(2), { url: "http://127.0.0.1:8790", shots: "", only: "" });
const b = await Browser.open(asked.url);
if (asked.shots) mkdirSync(asked.shots, { recursive: true });
await b.page.addInitScript(() => localStorage.setItem("yagura.signed-in", "1"));
const pages = { overview: "/", devices: "/devices", device: "/devices/d1-47", switch: "/devices/d1-18", map: "/map", conversations: "/conversations", groups: "/conversations?group=pair", operations: "/operations", registers: "/operations?view=objects&device=d1-14", ledger: "/ledger", different: "/ledger?list=different&sel=e1", unlisted: "/ledger?list=not_in_ledger", unseen: "/ledger?list=unseen", ledgerRow: "/ledger?list=same&sel=e3&detail=1", import: "/ledger?import=f1", rules: "/ledger?tab=rules", rule: "/ledger?tab=rules&rule=new", comments: "/comments", needs: "/needs", stops: "/needs?view=stops&device=d1-14", risk: "/risk", riskOf: "/devices/d1-14?tab=risk#risk", capture: "/capture", vulnerabilities: "/vulnerabilities", missing: "/vulnerabilities?list=needs_fact", support: "/vulnerabilities?list=support", sources: "/vulnerabilities?feeds=1", weak: "/devices/d1-47?tab=weaknesses", registerLedger: "/registers", register: "/registers/r0-1?at=2026-11-20T00:00:00Z", health: "/health", cycles: "/health?tab=cycles", plan: "/health?tab=plan" };
for (const scenario of ["normal", "quiet", "empty", "full", "noledger", "failing", "slow"]) {
  await b.page.request.get(`${asked.url}/__scenario?name=${scenario}`);
  for (const [name, path] of Object.entries(pages)) {
    if (asked.only && !asked.only.split(",").includes(name)) continue;
    if (scenario === "noledger" && !["ledger", "import", "rules", "vulnerabilities"].includes(name)) continue; // The others are as in normal.
    await b.step(`${scenario}: ${name}`, async () => {
      b.expectedStatus = scenario === "failing" ? 500 : scenario === "empty" && ["device", "switch", "registers", "register", "weak", "riskOf"].includes(name) ? 404 : undefined;
      for (const [lang, theme, width] of [["ja", "light", 1440], ["en", "dark", 1024]]) {
        await b.page.setViewportSize({ width, height: width === 1440 ? 900 : 768 });
        await b.page.goto(new URL(`${path}${path.includes("?") ? "&" : "?"}lang=${lang}&theme=${theme}`, asked.url).href);
        await b.page.waitForTimeout(scenario === "slow" ? 1200 : 1500);
        if (scenario !== "slow") await b.quiet();
        const shift = await b.page.evaluate(() => window.__shift);
        b.check(shift <= 0.02, `${scenario} ${name} ${lang}: layout shift ${shift.toFixed(3)}`);
        await b.axe(`${scenario} ${name} ${lang} ${theme}`);
        if (scenario === "quiet" && name === "overview") {
          const loud = await b.page.evaluate(() => [...document.querySelectorAll("main use")].map((use) => use.getAttribute("href")).filter((href) => ["#sv-crit", "#sv-high", "#sv-med"].includes(href)).length);
          b.check(loud === 0, `with all as usual ${loud} severity marks are on the screen`);
        }
        if (asked.shots) await b.page.screenshot({ path: join(asked.shots, `${scenario}-${name}-${lang}.png`) });
      }
    });
  }
}
// One question of a device's page fails, the others do not: the rest stands, and nobody asks without end.
await b.page.request.get(`${asked.url}/__scenario?name=normal`);
for (const part of ["ports", "network-health", "peers"]) {
  if (asked.only && !asked.only.split(",").includes("switch")) break;
  await b.step(`fails alone: ${part}`, async () => {
    b.expectedStatus = 500;
    let times = 0;
    await b.page.route(`**/${part}?*`, (route) => { times += 1; return route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify({ type: "about:blank", title: "x", status: 500, code: "internal", detail: "x" }) }); });
    await b.page.goto(new URL("/devices/d1-18", asked.url).href);
    await b.page.getByRole("tablist").waitFor({ timeout: 5000 });
    await b.page.waitForTimeout(1500);
    b.check(times >= 1 && times <= 4, `${part} is asked ${times} times`);
    await b.page.unroute(`**/${part}?*`);
    if (asked.shots) await b.page.screenshot({ path: join(asked.shots, `alone-${part}.png`) });
  });
}
await b.close();
process.exit(b.report());
