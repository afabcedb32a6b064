// The plant's ledger against a center that runs: a CP932 file made here from the devices it sees, with one entry
// changed, one that nobody sees, and one device left out. Import, the four lists, a decision either way, export.
//
// usage: node tests/browser/ledger.mjs --url https://127.0.0.1:8443 --password FIRST [--shots docs/screenshots]
//   --name        who signs in first (admin)
//   --new-password what the first password is changed to
import { begin } from "./browser.mjs";

const { asked, b, page, shot, looked } = await begin(process.argv.slice(2));

/** Text as a Japanese Excel saves it; what CP932 does not have is refused. */
const cp932 = (() => {
  const decode = new TextDecoder("shift_jis", { fatal: true });
  const bytes = new Map();
  for (let lead = 0x81; lead <= 0xfc; lead++)
    for (let trail = 0x40; trail <= 0xfc; trail++)
      try {
        const one = decode.decode(Uint8Array.of(lead, trail));
        if ([...one].length === 1 && !bytes.has(one)) bytes.set(one, [lead, trail]);
      } catch { /* no character */ }
  return (text) => Buffer.from([...text].flatMap((one) => {
    if (one.charCodeAt(0) < 0x80) return [one.charCodeAt(0)];
    if (!bytes.has(one)) throw new Error(`${one} is not in CP932`);
    return bytes.get(one);
  }));
})();
const writable = (text) => { try { cp932(text ?? ""); return true; } catch { return false; } };
const csv = (rows) => rows.map((row) => row.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replace(/"/g, '""')}"` : cell)).join(",")).join("\r\n") + "\r\n";

const counts = async () => (await b.api("/ledger"))?.counts;
/** The center's counts, once they are as they should be; else what they are. */
async function settled(wanted) {
  let found = null;
  for (let tries = 0; tries < 40; ++tries) {
    found = await counts();
    if (found && Object.entries(wanted).every(([name, value]) => found[name] === value)) break;
    await page.waitForTimeout(250);
  }
  return found;
}
async function expect(where, wanted) {
  const found = await settled(wanted);
  for (const [name, value] of Object.entries(wanted)) b.check(found?.[name] === value, `${where}: ${name} is ${found?.[name]}, not ${value}`);
}
const rows = () => page.locator("[role=row][data-key]");
const choose = (file) => page.locator("input[type=file]").setInputFiles(file);

let listed = [], total = 0, changed = null, left = null;
await b.step("sign in", async () => {
  await b.go("/", { lang: "ja" });
  await b.enter(asked.name, asked.password, asked.new_password);
  total = (await b.api("/devices?limit=1"))?.total ?? 0;
  b.check(total > 3, `the center sees ${total} devices: too few to compare`);
});
await b.step("without a ledger the page says what one is good for", async () => {
  b.check((await b.api("/ledger"))?.file === null, "there is a ledger already: this wants a fresh data folder");
  await looked("ledger-none", "/ledger");
  await b.go("/ledger", { lang: "ja", theme: "light" });
  await page.getByText("台帳はまだありません").waitFor();
});

await b.step("a file that cannot be read changes nothing, and says where", async () => {
  b.expectedStatus = 400;
  await choose({ name: "壊れた台帳.csv", mimeType: "text/csv", buffer: Buffer.concat([cp932("管理番号,機器名称\r\nA-1,\"主PLC"), Buffer.from("\r\nA-2,x\r\n")]) });
  await page.locator(".drop [role=alert]").waitFor();
  b.check(/行目/.test(await page.locator(".drop [role=alert]").textContent()), "the row is not named");
  await b.axe("a file that cannot be read");
  b.expectedStatus = undefined;
  b.check((await b.api("/ledger"))?.entries === 0, "a broken file left entries");
});

const headings = ["管理番号", "機器名称", "IPアドレス", "MACアドレス", "メーカー", "型式", "設置場所", "担当者", "内線"];
await b.step("a CP932 file with a row that cannot be read, then mended", async () => {
  const seen = (await b.api("/devices?limit=1000&sort=name"))?.devices ?? [];
  const macs = new Map();
  for (const one of seen) macs.set(one.mac, (macs.get(one.mac) ?? 0) + 1);
  // Only what tells it from all others, and what CP932 has.
  const plain = seen.filter((one) => one.address && one.mac && macs.get(one.mac) === 1 && writable(one.name) && writable(one.product) && writable(one.vendor));
  b.check(plain.length > 3, `${plain.length} devices of ${seen.length} can stand in a ledger`);
  left = plain[0];
  listed = plain.slice(1);
  changed = listed.find((one) => one.product) ?? listed[0];
  const row = (one, index) => [`MN-${100 + index}`, one.name, one.address, one.mac.replaceAll(":", "-").toUpperCase(), one.vendor ?? "", one === changed ? "ZZ-9999" : one.product ?? "", "溶接2号 制御盤 CP-2", "佐藤 健", "2417"];
  const body = [headings, ...listed.map(row), ["MN-900", "予備 操作盤", "203.0.113.77", "", "", "GT2705", "倉庫", "山口 亮", "2231"]];
  await b.go("/ledger", { lang: "ja", theme: "light" });
  await choose({ name: "機器台帳.csv", mimeType: "text/csv", buffer: cp932(csv([...body, ["MN-901", "読めない行", "10.2.300.1", "", "", "", "", "", ""]])) });
  await page.waitForURL(/import=/);
  await b.quiet();
  await page.getByText("Shift_JIS", { exact: false }).waitFor();
  const means = await page.locator("table.pv thead select").evaluateAll((all) => all.map((one) => one.value));
  b.check(JSON.stringify(means) === JSON.stringify(["number", "name", "ip", "mac", "vendor", "product", "place", "owner", "contact"]), `the columns are taken for ${means.join(", ")}`);
  await page.getByText("「10.2.300.1」はIPアドレスとして読めません").waitFor();
  b.check((await page.getByText(`${body.length + 1}行目`).count()) > 0, "the row of the problem is not named as a spreadsheet counts");
  b.check(await page.locator(".brings .btn.p").isDisabled(), "a file with problems can be imported");
  await looked("ledger-import", new URL(page.url()).pathname + new URL(page.url()).search);
  await b.go(new URL(page.url()).pathname + new URL(page.url()).search, { lang: "ja", theme: "light" });
  await page.locator(".skip2 input").check();
  const button = page.getByRole("button", { name: `${(listed.length + 1).toLocaleString("en")}件を取り込む` });
  await button.waitFor();
  // A column that means nothing, and back: the center is asked again, and nothing is changed by it.
  await page.locator("table.pv thead select").nth(8).selectOption("");
  await page.waitForURL(/cols=/);
  await b.quiet();
  b.check((await page.locator("table.pv thead select").nth(8).inputValue()) === "", "a column keeps a meaning that was taken from it");
  await page.locator("table.pv thead select").nth(8).selectOption("contact");
  await b.quiet();
  b.check((await b.api("/ledger"))?.entries === 0, "looking at a file made entries");
  await page.locator(".skip2 input").check();
  await button.click();
  await page.waitForURL((url) => !url.searchParams.has("import"));
});

await b.step("four lists, as the file was made", async () => {
  await expect("after the import", { same: listed.length - 1, different: 1, unseen: 1, not_in_ledger: total - listed.length });
  for (const list of ["same", "not_in_ledger", "unseen", "different"]) await looked(`ledger-${list.replaceAll("_", "-")}`, `/ledger?list=${list}`);
  await b.go("/ledger?list=different", { lang: "ja", theme: "light" });
  const cards = await page.locator("[role=tab].lcard b").allTextContents();
  const now = await counts();
  b.check(JSON.stringify(cards) === JSON.stringify([now.same, now.not_in_ledger, now.unseen, now.different].map((one) => one.toLocaleString("en"))), `the cards say ${cards.join(", ")}`);
  const text = await rows().first().textContent();
  b.check(text.includes("ZZ-9999") && text.includes(changed.product ?? "記載なし"), `the difference shows ${text}`);
});
await b.step("the ledger's side, undone; then what is seen", async () => {
  await page.getByRole("button", { name: "台帳を正とする" }).first().click();
  await expect("the ledger is right", { different: 0, same: listed.length });
  await page.getByRole("button", { name: "元に戻す" }).click();
  await expect("undone", { different: 1 });
  await rows().first().waitFor();
  await page.locator("[role=grid]").focus();
  await page.keyboard.press("j");
  await page.waitForURL(/sel=/);
  await page.keyboard.press("Enter");
  await page.locator(".evidence table.beside").waitFor();
  await b.quiet();
  await b.axe("an entry beside its device");
  await shot("ledger-entry-ja-light-1440");
  await page.locator(".evidence").getByRole("button", { name: "見えたものを正とする" }).click();
  await expect("what is seen is right", { different: 0, same: listed.length });
  await page.getByText("台帳と違うところはありません").waitFor();
  const kept = (await b.api(`/ledger/lists/same?limit=1000`))?.items.find((one) => one.device?.id === changed.id);
  b.check(kept?.entry.values.product === changed.product, `the ledger says ${kept?.entry.values.product}, not ${changed.product}`);
});
await b.step("what the ledger does not have is added", async () => {
  await b.go("/ledger?list=not_in_ledger", { lang: "ja" });
  const before = (await counts()).not_in_ledger;
  const row = page.locator(`[role=row][data-key="${left.id}"]`);
  await row.getByRole("button", { name: "台帳に加える" }).click();
  await expect("added", { not_in_ledger: before - 1 });
  await page.getByRole("button", { name: "元に戻す" }).click();
  await expect("taken back", { not_in_ledger: before });
  // Several at once, by keyboard.
  await rows().first().waitFor();
  await page.locator("[role=grid]").focus();
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  if (before > 1) { await page.keyboard.press("j"); await page.keyboard.press("x"); }
  await page.locator(".bulk").getByRole("button", { name: "台帳に加える" }).click();
  await expect("several added", { not_in_ledger: before - Math.min(2, before) });
});
await b.step("what nobody sees is fine, or leaves the ledger", async () => {
  await b.go("/ledger?list=unseen", { lang: "ja" });
  await page.getByRole("button", { name: "これでよい" }).first().click();
  await expect("fine", { unseen: 0 });
  await page.getByRole("button", { name: "元に戻す" }).click();
  await expect("undone", { unseen: 1 });
  await rows().first().waitFor();
  await rows().first().getByRole("button", { name: "台帳から外す" }).click();
  await page.locator(".ant-popconfirm").getByRole("button", { name: "台帳から外す" }).click();
  await expect("taken out", { unseen: 0 });
  await page.getByText("台帳の機器は、すべて見えています").waitFor();
});
await b.step("a rule is looked at, kept, moved, and goes with what it said", async () => {
  await looked("ledger-no-rules", "/ledger?tab=rules");
  await b.go("/ledger?tab=rules", { lang: "ja", theme: "light" });
  await page.getByText("ルールはまだありません").waitFor();
  const seen = (await b.api("/devices?limit=1000"))?.devices ?? [];
  const net = `${changed.address.split(".").slice(0, 3).join(".")}.0/24`;
  const rule = async (name, subnet, says) => {
    await page.getByRole("button", { name: "ルールを加える" }).first().click();
    await page.getByLabel("サブネット").fill(subnet);
    for (const [label, value] of Object.entries(says)) await page.locator(".ruleform").getByLabel(label, { exact: true }).fill(value);
    await page.locator(".would .b").first().waitFor();
    await b.quiet();
    if (name === "wide") {
      const would = await page.locator(".would").textContent();
      b.check(/台の空いている欄を埋めます/.test(would) && /これからつながる機器にも/.test(would), `the preview says ${would}`);
      b.check((await b.api("/ledger/rules"))?.rules.length === 0, "looking at a rule kept it");
      await b.looks("a rule before it is kept");
      await b.axe("a rule before it is kept");
      await shot("ledger-rule-ja-light-1440");
    }
    await page.getByRole("button", { name: "このルールを使う" }).click();
    await page.locator(".ruleform").waitFor({ state: "detached" });
  };
  await rule("wide", net, { "部署": "製造1課", "担当": "高橋 一郎" });
  await rule("narrow", `${changed.address}/32`, { "部署": "保全課" });
  await page.getByText("のべ", { exact: false }).waitFor();
  await looked("ledger-rules", "/ledger?tab=rules");
  await b.go("/ledger?tab=rules", { lang: "ja", theme: "light" });
  const said = async (id) => (await b.api(`/devices/${id}`))?.by_rule ?? [];
  const one = await said(changed.id);
  b.check(!one.some((value) => value.field === "owner"), "a rule says whose a device is of which the ledger does");
  b.check(one.some((value) => value.field === "department" && value.value === "製造1課" && value.because === net), `the rules say ${JSON.stringify(one)}`);
  await page.getByRole("button", { name: /を上へ/ }).last().click();
  await page.getByText("順を変えました").first().waitFor();
  b.check((await said(changed.id)).some((value) => value.value === "保全課"), "the upper rule does not count");
  await b.go(`/devices/${changed.id}`, { lang: "ja", theme: "light" });
  await page.getByText(`ルール: ${changed.address}/32`).waitFor();
  await b.looks("a value by a rule");
  await b.axe("a value by a rule");
  b.check((await b.api(`/devices?limit=1&owner=${encodeURIComponent("高橋 一郎")}`))?.total === seen.filter((device) => device.address.startsWith(net.replace("0/24", "")) && !listed.some((other) => other.id === device.id)).length, "the filter by owner does not know what rules say");
  await b.go("/ledger?tab=rules", { lang: "ja", theme: "light" });
  for (let left = 2; left > 0; --left) {
    await page.getByRole("button", { name: "外す" }).first().click();
    await page.locator(".ant-popconfirm:visible").getByRole("button", { name: "外す" }).click();
    await page.getByText(left > 1 ? "1件のルール" : "ルールはまだありません", { exact: false }).first().waitFor();
  }
  b.check((await said(changed.id)).length === 0, "what a rule said stays without it");
});
await b.step("filter, and the way to it from a device", async () => {
  await b.go(`/devices/${changed.id}`, { lang: "ja" });
  await page.getByText("佐藤 健").waitFor();
  await b.looks("a device with the ledger's facts");
  await b.axe("a device with the ledger's facts");
  await shot("device-ledger-ja-light-1440");
  await page.getByRole("link", { name: "台帳を見る" }).click();
  await page.waitForURL(/\/ledger\?.*q=/);
  await rows().first().waitFor();
  b.check((await rows().count()) === 1, `${await rows().count()} rows fit the number of one entry`);
  // Every entry is on one line or on none.
  const on = async (line) => (await b.api(`/ledger/lists/same?limit=1${line ? `&line=${line}` : ""}`))?.total ?? 0;
  let lined = await on("none");
  for (const line of (await b.api("/lines"))?.lines ?? []) lined += await on(line.id);
  b.check(lined === (await on("")), `${lined} of ${await on("")} entries are on a line or on none`);
  await b.go("/ledger?list=same&q=zz-nobody", { lang: "ja" });
  await page.getByText("この条件に合うものはありません").waitFor();
  await page.getByRole("button", { name: "絞り込みを外す" }).click();
  await rows().first().waitFor();
});
await b.step("files: for Excel, for others, for those that read only Shift_JIS", async () => {
  const ask = (query) => page.evaluate(async (at) => { const answer = await fetch(`/api/v1/ledger/export?${at}`); return { ok: answer.ok, name: answer.headers.get("content-disposition") ?? "", bytes: [...new Uint8Array(await answer.arrayBuffer())] }; }, query);
  const has = (answer, encoding, word) => new TextDecoder(encoding).decode(Uint8Array.from(answer.bytes)).includes(word);
  const bom = await ask("format=csv&encoding=utf-8-bom&lang=ja"), plain = await ask("format=csv&encoding=utf-8&lang=ja"), old = await ask("format=csv&encoding=cp932&lang=ja"), book = await ask("format=xlsx&lang=ja");
  b.check(bom.ok && bom.bytes[0] === 0xef && has(bom, "utf-8", "佐藤 健"), "the CSV for Excel is none");
  b.check(plain.ok && plain.bytes[0] !== 0xef && has(plain, "utf-8", "佐藤 健"), "the CSV in UTF-8 is none");
  b.check(old.ok && has(old, "shift_jis", "佐藤 健"), "the CSV in CP932 is none");
  b.check(book.ok && book.bytes[0] === 0x50 && book.bytes[1] === 0x4b && /\.xlsx"$/.test(book.name), "the workbook is none");
  // In the plant's own table: read again, it brings nothing. The row that could not be read stands in it as it was.
  const own = async (query) => page.evaluate(async (at) => {
    const answer = await fetch(`/api/v1/ledger/export/own?${at}`);
    const bytes = await answer.arrayBuffer();
    const { csrf_token } = await (await fetch("/api/v1/session")).json();
    const told = await (await fetch("/api/v1/ledger/files?name=again.csv", { method: "POST", headers: { "Content-Type": "application/octet-stream", "X-CSRF-Token": csrf_token }, body: bytes })).json();
    return { ok: answer.ok, name: answer.headers.get("content-disposition") ?? "", text: new TextDecoder("shift_jis").decode(bytes), told };
  }, query);
  const ours = await own("with=ledger&lang=ja"), more = await own("with=seen&lang=ja");
  b.check(ours.ok && ours.text.startsWith(headings.join(",")) && ours.name.includes(encodeURIComponent("機器台帳")), `the plant's own table begins with ${ours.text.slice(0, 80)}, ${ours.name}`);
  b.check(ours.told.encoding === "cp932" && ours.told.new === 0 && ours.told.changed === 0 && ours.told.gone === 0 && ours.told.problem_rows === 1, `read again it would bring ${JSON.stringify({ ...ours.told, sample: [], headings: [], mapping: {} })}`);
  b.check(more.told.new === (await counts()).not_in_ledger && more.told.gone === 0 && more.told.problem_rows === 1, `with what is seen it would bring ${more.told.new}, the ledger lacks ${(await counts()).not_in_ledger}`);
  await b.go("/ledger?list=same", { lang: "ja" });
  await page.getByRole("button", { name: "書き出し" }).click();
  b.check((await page.locator(".pop a.item").count()) === 10, "a kind of file is missing");
  await b.axe("export");
});
await b.step("the monthly report, in both languages", async () => {
  await b.go("/", { lang: "ja", theme: "light" });
  await page.getByRole("button", { name: "月次報告" }).click();
  b.check((await page.locator(".pop .monthrow a").count()) === 12, "six months in two languages are offered");
  await b.looks("the months of the report");
  const now = (await b.api("/devices?limit=1&sort=last_seen&order=desc"))?.devices[0].last_seen;
  const month = new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", timeZone: (await b.api("/site"))?.time_zone ?? "UTC" }).format(new Date(now)).slice(0, 7);
  const pages = {};
  for (const lang of ["ja", "en"]) pages[lang] = await page.evaluate(async ([of, words]) => (await fetch(`/api/v1/report?month=${of}&lang=${words}`)).text(), [month, lang]);
  const lists = await counts();
  await page.goto("about:blank");
  for (const [lang, html] of Object.entries(pages)) {
    for (const width of [1440, 1024]) {
      await page.setViewportSize({ width, height: 900 });
      await page.setContent(html);
      b.check((await page.locator("h2").count()) === 7, `${lang}: the report has ${await page.locator("h2").count()} parts`);
      b.check((await page.locator("svg").count()) >= 4, `${lang}: ${await page.locator("svg").count()} charts`);
      b.check(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${lang} ${width}: the report is wider than the window`);
      await b.axe(`the monthly report ${lang} ${width}`);
      await shot(`report-${lang}-light-${width}`);
    }
    b.check((await page.locator(".tile b").first().textContent()) === total.toLocaleString("en"), `${lang}: the report sees ${await page.locator(".tile b").first().textContent()} of ${total} devices`);
    const said = await page.locator("body").textContent();
    for (const list of ["same", "not_in_ledger"]) b.check(said.includes(` ${lists[list].toLocaleString("en")}`), `${lang}: the report does not say ${lists[list]} of ${list}`);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await b.go("/ledger", { lang: "ja" });
});
await b.step("who may only look sees no buttons", async () => {
  await page.evaluate(async () => {
    const { csrf_token } = await (await fetch("/api/v1/session")).json();
    await fetch("/api/v1/accounts", { method: "POST", headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf_token }, body: JSON.stringify({ name: "ledger-viewer", role: "viewer", password: "first password of the team" }) });
  });
  await b.out();
  await b.enter("ledger-viewer", "first password of the team", "viewer keeps the tower 7");
  for (const list of ["not_in_ledger", "different", "same"]) {
    await b.go(`/ledger?list=${list}`, { lang: "ja" });
    b.check((await page.getByRole("button", { name: /台帳を取り込む|台帳に加える|正とする|台帳から外す|これでよい/ }).count()) === 0, `${list}: a viewer is offered to change the ledger`);
    b.check((await page.locator("main input[type=checkbox]").count()) === 0, `${list}: a viewer can choose rows`);
  }
  await page.getByText("台帳を直せるのは、現場・分析・管理者です").first().waitFor();
  await b.axe("the ledger as a viewer");
});

await b.close();
process.exit(b.report());
