// The register ledger against a center that runs, on the recorded plant with its incident: who wrote this last, when, and what
// was it before, from the list, from a device, from an act and from the search. After words.mjs, whose list of comments stands.
//
// usage: node tests/browser/registers.mjs --url https://127.0.0.1:8443 --password SECRET [--shots docs/screenshots]
import { begin } from "./browser.mjs";

const { asked, b, page, looked } = await begin(process.argv.slice(2));
const here = () => new URL(page.url());

let press = null, written = null;
await b.step("sign in, and the register that a laptop wrote", async () => {
  await b.go("/", { lang: "ja" });
  await b.enter(asked.name, asked.password, asked.new_password);
  press = ((await b.api("/devices?q=10.10.1.10&limit=10"))?.devices ?? []).find((one) => one.address === "10.10.1.10");
  for (let tries = 0; tries < 60 && !written; ++tries) {
    const rows = (await b.api(`/registers?device=${press.id}&q=${encodeURIComponent("holding register 100")}`))?.registers ?? [];
    written = rows.find((one) => one.object === "holding register 100" && one.writers.length > 1);
    if (!written) await page.waitForTimeout(500);
  }
  b.check(written !== null, "holding register 100 of the press has not two writers");
});
await b.step("the list, in both languages, widths and themes", async () => {
  await looked("register-ledger", "/registers");
  await b.go("/registers", { lang: "ja", theme: "light" });
  await page.locator("nav a[href='/registers']").waitFor();
  b.check(await page.locator("[role=row]").count() > 5, "the list has no rows");
});
await b.step("filters: who writes, never written, several, a word, an address inside of a block, nothing", async () => {
  await b.go("/registers?written=several", { lang: "ja" });
  await page.locator("[role=row]", { hasText: "holding register 100" }).first().waitFor();
  await b.go("/registers?written=never", { lang: "ja" });
  b.check(await page.locator("[role=row]", { hasText: "書込みなし" }).count() > 3, "what was never written does not say so");
  await b.go(`/registers?device=${press.id}`, { lang: "ja" });
  await page.locator("input[aria-label='番地・コメント・機器']").fill("holding register 57");
  await page.waitForURL(/q=/);
  await page.locator("[role=row]", { hasText: "holding register 0" }).first().waitFor();
  await b.go(`/registers?q=${encodeURIComponent("ワーク")}`, { lang: "ja" });
  await page.locator("[role=row]", { hasText: "ワーク有り" }).first().waitFor();
  await b.go("/registers?since=1h", { lang: "en" });
  await b.go("/registers?q=nobody-has-this", { lang: "ja" });
  await page.getByText("この条件に合うレジスタはありません").waitFor();
  await b.axe("nothing fits");
});
await b.step("a row leads to one register: who wrote it last, from where, with what, and what it was before", async () => {
  await b.go(`/registers?device=${press.id}&q=${encodeURIComponent("holding register 100")}`, { lang: "ja", theme: "light" });
  await page.locator("[role=row]", { hasText: "holding register 100" }).first().dblclick();
  await page.waitForURL(/\/registers\/r0-/);
  await looked("register", `${here().pathname}?range=all`);
  await b.go(here().pathname, { lang: "ja", theme: "light" });
  const said = await page.locator("section.panel", { hasText: "最後の書込み" }).first().textContent();
  b.check(/書き込みました/.test(said) && /write/.test(said) && !/[{}]|undefined|NaN/.test(said), `the sentence: ${said}`);
  await page.locator("section.panel", { hasText: "値の移り変わり" }).locator("svg[role=img]").waitFor();
  const rows = page.locator(".regtable tbody tr");
  await rows.filter({ hasText: "340" }).first().waitFor();
  b.check(await rows.filter({ hasText: "340" }).filter({ hasText: "書込み" }).count() > 0, "340 was not written");
});
await b.step("what was it at a time", async () => {
  await page.getByRole("button", { name: "最後の変化の直前" }).click();
  await page.waitForURL(/at=/);
  await page.getByText(/に書いた値です|に読んだ値です/).waitFor();
  await page.locator("input[type=datetime-local]").fill("2020-01-01T01:02:03");
  await page.getByText("この時刻より前の値は見えていません").waitFor();
  await b.axe("back in time");
});
await b.step("its bytes, and from them back", async () => {
  await page.getByRole("button", { name: "電文を見る" }).first().click();
  await page.locator(".evidence .hex, .evidence pre, .evidence table").first().waitFor();
  await page.locator(".evidence a", { hasText: "レジスタ台帳で見る" }).waitFor();
  await page.keyboard.press("Escape");
});
await b.step("one click from a device, from an act, from the search", async () => {
  await b.go(`/devices/${press.id}?tab=objects`, { lang: "ja" });
  await page.locator(".objtab a[href^='/registers/']").first().click();
  await page.waitForURL(/\/registers\/r0-/);
  await b.go(`/operations?range=all&device=${press.id}&act=write`, { lang: "ja" });
  await page.locator("[role=row] a[href^='/registers/']").first().click();
  await page.waitForURL(/\/registers\/r0-/);
  await page.keyboard.press("Control+k");
  await page.locator(".palette input").fill("holding register 100");
  await page.locator("[role=option]", { hasText: "「holding register 100」のレジスタ" }).click();
  await page.waitForURL(/\/registers\?q=/);
  await page.locator("[role=row]", { hasText: "holding register 100" }).first().waitFor();
});
await b.step("a file of it", async () => {
  const answer = await page.evaluate(async (id) => { const one = await fetch(`/api/v1/registers/${id}/values/export?lang=ja`); return { ok: one.ok, text: await one.text() }; }, written.id);
  b.check(answer.ok && answer.text.includes("340"), "the export has not 340");
});
await b.step("while it loads, and when the center fails, the page says so", async () => {
  b.expectedStatus = 500;
  await page.route("**/api/v1/registers**", (route) => route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify({ code: "server.error", title: "no" }) }));
  await b.go("/registers?written=written", { lang: "ja" });
  await page.locator("[role=alert]").first().waitFor({ timeout: 20000 });
  await b.axe("failing");
  await page.unroute("**/api/v1/registers**");
  b.expectedStatus = 404;
  await b.go("/registers/r0-99999999", { lang: "ja" });
  await page.getByText("このレジスタは台帳にありません").waitFor();
  b.expectedStatus = undefined;
});

await b.close();
process.exit(b.report());
