// Vulnerabilities against a center that runs: advisories made here from the devices it sees, so that one applies, one does
// not and one lacks a fact. Files in, three answers with their proof, a decision, a broken file, and who may only look.
//
// usage: node tests/browser/weaknesses.mjs --url https://127.0.0.1:8443 --password FIRST [--shots docs/screenshots]
import { begin } from "./browser.mjs";

const { asked, b, page, shot, looked } = await begin(process.argv.slice(2));

const rows = () => page.locator("[role=row][data-key]");

function advisory(id, title, products, score) {
  const ids = products.map((_, at) => `P${at}`);
  return {
    document: { category: "csaf_security_advisory", csaf_version: "2.0", title, publisher: { category: "vendor", name: "Example", namespace: "https://example.com" }, references: [{ url: `https://example.com/${id}`, summary: "page" }],
      tracking: { id, version: "1", status: "final", initial_release_date: "2026-01-02T00:00:00Z", current_release_date: "2026-02-03T00:00:00Z", revision_history: [] } },
    product_tree: { branches: products.map(([vendor, name, range], at) => ({ category: "vendor", name: vendor, branches: [{ category: "product_name", name, branches: [{ category: "product_version_range", name: range, product: { product_id: ids[at], name: `${name} ${range}` } }] }] })) },
    vulnerabilities: [{ cve: `CVE-2026-${id.slice(-1).charCodeAt(0)}000`, notes: [{ category: "summary", text: "A request that nobody checks stops it." }], product_status: { known_affected: ids }, scores: [{ products: ids, cvss_v3: { baseScore: score, vectorString: "CVSS:3.1/AV:N", version: "3.1" } }],
      remediations: [{ category: "mitigation", details: "Let only engineering stations reach it.", product_ids: ids }] }],
  };
}
const file = (name, value) => ({ name, mimeType: "application/json", buffer: Buffer.from(typeof value === "string" ? value : JSON.stringify(value)) });
const choose = (files) => page.locator("input[type=file]").setInputFiles(files);

let device = null, bare = null;
await b.step("sign in", async () => {
  await b.go("/", { lang: "ja" });
  await b.enter(asked.name, asked.password, asked.new_password);
  const seen = (await b.api("/devices?limit=1000"))?.devices ?? [];
  device = seen.find((one) => one.vendor && one.product && /^v?\d+(\.\d+)+$/i.test(one.firmware ?? ""));
  bare = seen.find((one) => one.vendor && one.product && !one.firmware && one.id !== device?.id);
  b.check(device && bare, `of ${seen.length} devices one tells its firmware (${device?.product}) and one does not (${bare?.product})`);
});
await b.step("without files the page says what to bring", async () => {
  await looked("vulnerabilities-none", "/vulnerabilities");
  await b.go("/vulnerabilities", { lang: "ja", theme: "light" });
  await page.getByText("脆弱性の情報はまだありません").waitFor();
});
await b.step("files are taken, a broken one is named", async () => {
  b.expectedStatus = 400;
  const name = device.product.split(" ").slice(0, 3).join(" ");
  await choose([
    file("a.json", advisory("EX-2026-A", "A request stops the controller", [[device.vendor, device.product, `<= ${device.firmware}`]], 9.1)),
    file("b.json", advisory("EX-2026-B", "An old release shows passwords", [[device.vendor, device.product, "< 0.0.1"]], 5.3)),
    file("c.json", advisory("EX-2026-C", "A long name overflows", [[bare.vendor, bare.product, "<= 9.9"]], 7.5)),
    file("broken.json", '{"document": {"csaf_version": "2.0"'),
  ]);
  await page.getByText("3ファイルを読み込み、注意情報3件を取り込みました").waitFor();
  await page.getByText("broken.json", { exact: false }).first().waitFor();
  b.expectedStatus = undefined;
  b.check(name !== "" && (await b.api("/weaknesses/feeds"))?.feeds[0]?.entries === 3, "three advisories are there");
  await looked("vulnerabilities-sources", "/vulnerabilities?feeds=1");
});
await b.step("three answers, each with its proof", async () => {
  for (const list of ["affected", "needs_fact", "not_affected", "support"]) await looked(`vulnerabilities-${list.replaceAll("_", "-")}`, `/vulnerabilities?list=${list}`);
  await b.go("/vulnerabilities?list=affected", { lang: "ja", theme: "light" });
  await rows().first().waitFor();
  b.check((await page.locator("main").textContent()).includes("EX-2026-A"), "the advisory that applies stands in its list");
  await page.locator("[role=grid]").focus();
  await page.keyboard.press("j");
  await page.waitForURL(/sel=/);
  await page.keyboard.press("Enter");
  await page.locator(".evidence").getByText("判定の根拠").waitFor();
  await b.quiet();
  const told = await page.locator(".evidence").textContent();
  b.check(told.includes(device.firmware) && /#[\d,]+/.test(told), `the proof names the version and the frame: ${told.slice(0, 200)}`);
  await page.locator(".evidence").getByText("Let only engineering stations reach it.").waitFor();
  await b.axe("a vulnerability with its proof");
  await shot("vulnerability-ja-light-1440");
  await b.go("/vulnerabilities?list=needs_fact", { lang: "ja", theme: "light" });
  await rows().first().waitFor();
  b.check((await rows().first().textContent()).includes("版が分かりません"), "which fact is missing stands in the row");
});
// Accepted with a reason and a day, in both themes and both languages; seen as such in the list; and open again.
for (const [lang, theme, words] of [
  ["ja", "light", { record: "記録する", reason: "理由", until: "2099-03-31 まで", why: "保守会社が来月直す" }],
  ["en", "dark", { record: "Record", reason: "Reason", until: "until 2099-03-31", why: "The maker mends it next month" }],
])
  await b.step(`accepted until a day, and open again: ${lang}, ${theme}`, async () => {
    await b.go("/vulnerabilities?list=affected", { lang, theme });
    await rows().first().waitFor();
    await page.locator("[role=grid]").focus();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    const drawer = page.locator(".evidence");
    const record = drawer.getByRole("button", { name: words.record, exact: true });
    await drawer.locator("select").selectOption("accepted");
    b.check(await record.isDisabled(), `${lang}: without reason and day it can be recorded`);
    await drawer.getByLabel(words.reason).fill(words.why);
    b.check(await record.isDisabled(), `${lang}: without a day it can be recorded`);
    await drawer.locator("input[type=date]").fill("2099-03-31");
    await b.looks(`a vulnerability that is being accepted ${lang} ${theme}`);
    await b.axe(`a vulnerability that is being accepted ${lang} ${theme}`);
    await shot(`vulnerability-accept-${lang}-${theme}-1440`);
    await record.click();
    await drawer.getByText(words.until).first().waitFor();
    const kept = (await b.api("/weaknesses?state=accepted"))?.items[0]?.decision;
    b.check(kept?.reason === words.why && kept?.until === "2099-03-31" && kept?.who === asked.name, `${lang}: the decision is ${JSON.stringify(kept)}`);
    await b.go("/vulnerabilities?list=affected&state=accepted", { lang, theme });
    await rows().first().waitFor();
    b.check((await rows().first().textContent()).includes("2099-03-31"), `${lang}: the list does not say until when: ${await rows().first().textContent()}`);
    await b.looks(`accepted vulnerabilities ${lang} ${theme}`);
    await b.axe(`accepted vulnerabilities ${lang} ${theme}`);
    await page.locator("[role=grid]").focus();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await drawer.locator("select").selectOption("open");
    await record.click();
    for (let tries = 0; tries < 40 && (await b.api("/weaknesses?state=accepted"))?.total !== 0; ++tries) await page.waitForTimeout(250);
    b.check((await b.api("/weaknesses?state=accepted"))?.total === 0, `${lang}: it is open again`);
  });
await b.step("the device's page has it too", async () => {
  await b.go(`/devices/${device.id}?tab=weaknesses`, { lang: "ja", theme: "light" });
  await page.getByText("A request stops the controller").first().waitFor();
  await b.looks("a device with its vulnerabilities");
  await b.axe("a device with its vulnerabilities");
  await shot("device-vulnerabilities-ja-light-1440");
});
await b.step("the risk that follows, and every term of it", async () => {
  await looked("risk", "/risk");
  await b.go("/risk", { lang: "ja", theme: "light" });
  await rows().first().waitFor();
  const shown = await b.api("/risk?limit=1000"), first = shown.devices[0];
  b.check((await page.locator("h1").textContent()).includes(`${first.device.name} の ${shown.sum.highest}`), "the sentence names the highest");
  const best = await b.api("/risk/actions");
  b.check((await page.locator(".riskacts li").count()) === best.actions.length && best.actions.length === 3, `three actions, each with what it lowers: ${best.actions.length}`);
  b.check((await page.locator(".riskgroups li").count()) > 0, "where it is high");
  await page.getByRole("button", { name: "ネットワーク", exact: true }).click();
  await page.waitForURL(/by=network/);
  await page.locator(".riskgroups button").first().click();
  await page.waitForURL(/network=/);
  await b.quiet();
  await b.axe("risks of a network");
  await b.go(`/risk?q=${encodeURIComponent(device.product)}`, { lang: "ja", theme: "light" });
  await rows().first().waitFor();
  await page.locator("[role=grid]").focus();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForURL(/tab=risk/);
  await page.locator(".riskline .score").waitFor();
  await b.quiet();
  // What a person adds up on the page is what the page says.
  const told = await page.evaluate(() => [...document.querySelectorAll(".terms")].map((table) => {
    const points = [...table.querySelectorAll("tr:not(.sum) td")].map((cell) => parseInt(cell.textContent, 10));
    return [points.reduce((sum, one) => sum + one, 0), parseInt(table.querySelector("tr.sum td").textContent, 10)];
  }));
  const exact = told.reduce((product, [sum]) => product * Math.min(100, sum), 1);
  b.check(told.length === 3 && told.every(([sum, total]) => sum === total), `the terms add up: ${JSON.stringify(told)}`);
  b.check(Math.floor(exact / 10_000 + 0.5) === parseInt(await page.locator(".riskline .score b").textContent(), 10), `and their product is the score: ${exact}`);
  await b.looks("a device with its risk");
  await b.axe("a device with its risk");
  await shot("device-risk-ja-light-1440");
  await b.go("/risk?q=zz-nobody", { lang: "ja" });
  await page.getByText("この条件に合う機器はありません").waitFor();
  await page.getByRole("button", { name: "絞り込みを外す" }).click();
  await rows().first().waitFor();
});
await b.step("filters and files", async () => {
  await b.go("/vulnerabilities?list=affected&q=zz-nobody", { lang: "ja" });
  await page.getByText("この条件に合うものはありません").waitFor();
  await page.getByRole("button", { name: "絞り込みを外す" }).click();
  await rows().first().waitFor();
  const ask = (path) => page.evaluate(async (at) => { const answer = await fetch(`/api/v1${at}`); return { ok: answer.ok, text: await answer.text() }; }, path);
  const csv = await ask("/weaknesses/export?format=csv&lang=ja"), vex = await ask("/weaknesses/vex");
  b.check(csv.ok && csv.text.includes("EX-2026-A"), "the CSV has it");
  b.check(vex.ok && JSON.parse(vex.text).document.category === "csaf_vex", "the VEX is one");
});
await b.step("who may only look sees no buttons", async () => {
  await page.evaluate(async () => {
    const { csrf_token } = await (await fetch("/api/v1/session")).json();
    await fetch("/api/v1/accounts", { method: "POST", headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf_token }, body: JSON.stringify({ name: "weak-viewer", role: "viewer", password: "first password of the team" }) });
  });
  await b.out();
  await b.enter("weak-viewer", "first password of the team", "viewer keeps the tower 7");
  await b.go("/vulnerabilities?feeds=1", { lang: "ja" });
  b.check((await page.locator("main input[type=file]").count()) === 0, "a viewer is offered to bring files");
  await b.axe("vulnerabilities as a viewer");
});

await b.close();
process.exit(b.report());
