// Network health against a center that runs and a capture with trouble in it: what was found in words, what one of them
// means, cycles, the address plan, a device's page, and the states without data.
//
// usage: node tests/browser/health.mjs --url https://127.0.0.1:8443 --password FIRST --capture FILE [--shots docs/screenshots]
import { begin } from "./browser.mjs";

const { asked, b, page, looked } = await begin(process.argv.slice(2), { capture: "" });
if (!asked.capture) {
  console.error("browser: --capture is needed");
  process.exit(2);
}

let found = [];
await b.step("sign in", async () => {
  await b.go("/", { lang: "ja" });
  await b.enter(asked.name, asked.password, asked.new_password);
});
await b.step("a capture with trouble in it", async () => {
  await b.go("/capture", { lang: "ja" });
  await page.locator("input[type=file]").setInputFiles(asked.capture);
  for (let tries = 0; tries < 120; ++tries) {
    found = (await b.api("/network-health?limit=100"))?.items ?? [];
    if (["duplicate_address", "arp_spoofing", "rogue_dhcp", "cycle_slower"].every((kind) => found.some((one) => one.kind === kind))) break;
    await page.waitForTimeout(500);
  }
  b.check(found.some((one) => one.kind === "duplicate_address"), `found: ${found.map((one) => one.kind)}`);
});
await b.step("what was found, in words, in both languages and widths", async () => {
  await looked("health", "/health");
  await b.go("/health", { lang: "ja", theme: "light" });
  await page.locator("button.hitem", { hasText: "10.2.0.50 を2台が使っています" }).click();
  await page.locator(".hbody h2", { hasText: "10.2.0.50" }).waitFor();
  for (const part of ["ラインにとって", "考えられる原因", "次にすること", "聞く相手", "関わる機器"]) b.check(await page.locator(".hbody h3", { hasText: part }).count() === 1, `${part} is missing`);
  b.check((await page.locator(".hbody").textContent()).includes("00:30:de:00:03:09"), "the other card is not named");
  await page.keyboard.press("Tab");
  await b.axe("one finding");
  await b.go("/health", { lang: "en", theme: "light" });
  await page.locator("button.hitem", { hasText: "Two devices use 10.2.0.50" }).waitFor();
  for (const one of await page.locator("button.hitem").allTextContents()) b.check(!/[{}]|undefined|NaN/.test(one), `a sentence with a hole: ${one}`);
});
await b.step("filters, and a filter that nothing fits", async () => {
  await b.go("/health?kind=rogue_dhcp", { lang: "ja" });
  b.check(await page.locator("button.hitem").count() === 1, "the kind does not filter");
  await b.go("/health?q=nobody-has-this", { lang: "ja" });
  await page.getByText("この条件に合うものはありません").waitFor();
  await b.axe("nothing fits");
});
await b.step("cycles", async () => {
  await looked("health-cycles", "/health?tab=cycles");
  b.check(await page.locator("table.hcycles tbody tr").count() > 0, "no cycle is listed");
});
await b.step("the address plan", async () => {
  await looked("health-plan", "/health?tab=plan&subnet=10.2.0.0/24");
  await page.locator(".hsubnet h2", { hasText: "10.2.0.0/24" }).waitFor();
  b.check(await page.locator(".hsubnet svg[role=img] rect").count() >= 256, "the strip has no squares");
  const book = await page.evaluate(async () => { const answer = await fetch("/api/v1/address-plan/export?format=xlsx&lang=ja"); return { ok: answer.ok, begin: [...new Uint8Array(await answer.arrayBuffer())].slice(0, 2) }; });
  b.check(book.ok && book.begin[0] === 0x50 && book.begin[1] === 0x4b, "the workbook is none");
});
await b.step("a device's page says what it has a part in", async () => {
  const device = found.flatMap((one) => one.parties).find((party) => party.device?.id)?.device;
  b.check(device !== undefined, "no finding names a device");
  if (!device) return;
  await b.go(`/devices/${device.id}`, { lang: "ja" });
  await page.locator("section.panel", { hasText: "ネットワークの健康" }).first().waitFor();
});
await b.step("while it loads and when the center fails, the page says so", async () => {
  b.expectedStatus = 500;
  await page.route("**/api/v1/network-health**", (route) => route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify({ code: "server.error", title: "no" }) }));
  await b.go("/health?state=open", { lang: "ja" });
  await page.locator("[role=alert]").first().waitFor({ timeout: 20000 });
  await b.axe("failing");
  await page.unroute("**/api/v1/network-health**");
  b.expectedStatus = undefined;
  await page.route("**/api/v1/network-health**", async (route) => { await new Promise((done) => setTimeout(done, 1500)); await route.continue(); });
  await page.goto(new URL("/health?state=ended", asked.url).href);
  await page.locator(".hlist [role=status]").first().waitFor();
  await b.axe("loading");
  await page.unroute("**/api/v1/network-health**");
});

await b.close();
process.exit(b.report());
