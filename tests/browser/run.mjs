// The console in Debian's Chromium against a center that runs: first sign-in, upload, every page in both
// languages and widths, the map by keyboard, the roles. No console error, no request to elsewhere, nothing
// serious from axe, no layout shift. Pictures of each page go to --shots.
//
// usage: node tests/browser/run.mjs --url https://127.0.0.1:8443 --password FIRST [--capture FILE] [--shots docs/screenshots]
//   --name        who signs in first (admin)
//   --new-password what the first password is changed to
//   --capture     a capture to upload where the center has no devices yet
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Browser, options } from "./browser.mjs";

const asked = options(process.argv.slice(2), { url: "", password: process.env.YAGURA_PASSWORD ?? "", name: "admin", new_password: "tower over the rice field 7", capture: "", shots: "" });
if (!asked.url || !asked.password) {
  console.error("browser: --url and --password are needed");
  process.exit(2);
}
const words = {
  ja: { signIn: "サインイン", wrong: "名前またはパスワードが違います", change: "パスワードを替える", overview: "概要", devices: "機器", choose: "ファイルを選ぶ", correct: "直す", add: "アカウントを追加", finish: "概要へ進む", sample: "見本の工場で試す" },
  en: { signIn: "Sign in", wrong: "The name or the password is wrong", change: "Change the password" },
};
const b = await Browser.open(asked.url);
const { page } = b;
let password = asked.password;

const signIn = (name, secret) => b.signIn(name, secret), enter = (name, secret, own) => b.enter(name, secret, own), out = () => b.out(), api = (path) => b.api(path);

await b.step("sign-in page, both languages", async () => {
  for (const lang of ["ja", "en"]) {
    await b.go("/", { lang });
    await page.getByRole("button", { name: words[lang].signIn }).waitFor();
    await b.looks(`sign-in ${lang}`);
    await b.axe(`sign-in ${lang}`);
    if (asked.shots) { mkdirSync(asked.shots, { recursive: true }); await b.shot(join(asked.shots, `login-${lang}-light-1440.png`)); }
  }
});
await b.step("a wrong password says no more than that", async () => {
  b.expectedStatus = 401;
  await b.go("/", { lang: "ja" });
  await signIn("nobody-here", "not the password");
  await page.getByText(words.ja.wrong).waitFor();
  b.expectedStatus = undefined;
});
await b.step("first sign-in, a password of one's own", async () => {
  await b.go("/", { lang: "ja" });
  password = await enter(asked.name, password, asked.new_password);
  await b.quiet();
});

await b.step("upload a capture", async () => {
  const before = (await api("/devices?limit=1"))?.total ?? 0;
  if (!asked.capture && before > 0) return;
  await b.go("/capture", { lang: "ja" });
  if (asked.capture) await page.locator("input[type=file]").setInputFiles(asked.capture);
  else await page.getByRole("button", { name: words.ja.sample }).click();
  const until = Date.now() + 120_000;
  let seen = 0, state = "";
  while (Date.now() < until) {
    seen = (await api("/devices?limit=1"))?.total ?? 0;
    state = (await api("/captures?limit=1"))?.captures[0]?.state ?? "";
    if (seen > 0 && ["read", "damaged"].includes(state)) break;
    await page.waitForTimeout(500);
  }
  b.check(seen > 0, `after the upload there are ${seen} devices (capture: ${state})`);
  await page.locator("li.capture").first().waitFor();
});
await b.step("leave the first steps", async () => {
  await b.go("/first-run", { lang: "ja" });
  await b.looks("first steps");
  await b.axe("first steps");
  if (asked.shots) await b.shot(join(asked.shots, "first-run-ja-light-1440.png"));
  const site = await api("/site");
  if (!site?.name && (await page.locator("#s-name").count())) {
    await page.locator("#s-name").fill("みなも部品 第2工場");
    await page.locator("form button[type=submit]").click();
    await page.waitForTimeout(500);
  }
  await page.locator(".first .head button").click();
  await page.waitForURL((url) => url.pathname === "/");
});

const rows = (await api("/devices?limit=200&sort=last_seen&order=desc").catch(() => null))?.devices ?? [];
const busiest = [...rows].sort((one, two) => Number(two.role === "plc") - Number(one.role === "plc") || (two.peers ?? 0) - (one.peers ?? 0))[0];
b.check(rows.length > 0, "there is no device to look at");
const pages = { overview: "/", devices: `/devices${busiest ? `?sel=${busiest.id}` : ""}`, ...(busiest ? { device: `/devices/${busiest.id}` } : {}), ledger: "/ledger", health: "/health", comments: "/comments", needs: "/needs", map: "/map", conversations: "/conversations", operations: "/operations", ...(busiest ? { registers: `/operations?view=objects&device=${busiest.id}` } : {}), capture: "/capture", settings: "/settings?tab=lines" };

for (const [name, path] of Object.entries(pages))
  await b.step(`${name}: both languages, 1440 and 1024, light and dark`, async () => {
    for (const [width, height] of [[1440, 900], [1024, 768]]) {
      await page.setViewportSize({ width, height });
      for (const lang of ["ja", "en"]) {
        await b.go(path, { lang, theme: "light" });
        if (name === "map") await page.waitForTimeout(1200);
        const found = await b.looks(`${name} ${lang} ${width}`);
        b.check(found.lang === lang, `${name}: language is ${found.lang}, not ${lang}`);
        await b.axe(`${name} ${lang} ${width}`);
        if (asked.shots) await b.shot(join(asked.shots, `${name}-${lang}-light-${width}.png`));
        if (lang === "en") {
          const left = await page.evaluate(() => [...document.querySelectorAll(".nav, .ph h2, .tabs, thead th, .btn, .gh")].filter((element) => /[\u3040-\u30ff]/.test(element.textContent)).map((element) => element.textContent.slice(0, 30)));
          b.check(left.length === 0, `${name} en: Japanese words are left: ${left.slice(0, 2).join(" | ")}`);
        }
      }
      await b.go(path, { lang: width === 1440 ? "en" : "ja", theme: "dark" });
      await b.axe(`${name} dark ${width}`);
      if (asked.shots && name === "map" && width === 1440) { await page.waitForTimeout(1000); await b.shot(join(asked.shots, "map-en-dark-1440.png")); }
    }
    await page.setViewportSize({ width: 1440, height: 900 });
  });

await b.step("keys: g d, j, Enter, e, Esc, /", async () => {
  await b.go("/", { lang: "ja" });
  await page.locator("#main").focus();
  await page.keyboard.press("g");
  await page.keyboard.press("d");
  await page.waitForURL(/\/devices/);
  await b.quiet();
  await page.keyboard.press("j");
  await page.waitForURL(/sel=/);
  await page.keyboard.press("e");
  await page.locator(".evidence .ant-drawer-body").waitFor();
  await b.quiet();
  await b.axe("evidence");
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => !location.search.includes("evidence"));
  await page.keyboard.press("/");
  b.check(await page.evaluate(() => document.activeElement?.tagName === "INPUT"), "'/' does not reach the filter");
  await page.keyboard.type("zz-no-such-device");
  await page.waitForURL(/q=zz/);
  await page.getByText("この条件に合う機器はありません").waitFor();
  await page.getByRole("button", { name: "絞り込みを外す" }).click();
  await page.waitForURL((url) => !url.search.includes("q="));
  await page.keyboard.press("Control+k");
  await page.locator("[role=combobox]").waitFor();
  await b.axe("palette");
  await page.keyboard.press("Escape");
});
await b.step("units behind a gateway unfold below it", async () => {
  const gateway = rows.find((row) => (row.parts ?? 0) > 1);
  b.check(gateway !== undefined, "no device has several parts");
  if (!gateway) return;
  for (const [lang, width] of [["ja", 1440], ["en", 1024]]) {
    await page.setViewportSize({ width, height: 900 });
    await b.go(`/devices?sel=${gateway.id}`, { lang });
    const row = page.locator(`[role=row][data-key="${gateway.id}"]`), units = page.locator(`[role=row][data-key^="${gateway.id}/"]`);
    await row.waitFor();
    const before = (await row.boundingBox())?.height;
    b.check((await units.count()) === 0, "units are shown before anybody asked");
    await page.locator("[role=grid]").focus();
    await page.keyboard.press("ArrowRight");
    await page.waitForURL(/open=/);
    await units.nth(gateway.parts - 1).waitFor();
    b.check((await units.count()) === gateway.parts, `${await units.count()} units are shown, the list says ${gateway.parts}`);
    b.check((await row.locator("button.unfold").getAttribute("aria-expanded")) === "true", "the button does not say that it is open");
    b.check((await units.first().boundingBox())?.height === before && (await row.boundingBox())?.height === before, "a row changed its height");
    await b.looks(`units ${lang} ${width}`);
    await b.axe(`units ${lang} ${width}`);
    if (asked.shots) await b.shot(join(asked.shots, `units-${lang}-light-${width}.png`));
    await page.reload();
    await units.first().waitFor(); // The address says what is open.
    await row.locator("button.unfold").click();
    await page.waitForURL((url) => !url.search.includes("open="));
    b.check((await units.count()) === 0, "the units stay after folding");
  }
  await page.setViewportSize({ width: 1440, height: 900 });
});
await b.step("a pasted address shows the same", async () => {
  if (!busiest) return;
  await b.go(`/devices?role=${busiest.role}&sort=name&order=desc&cols=device,role,state,mac`, { lang: "ja" });
  await page.locator("[role=row][data-key]").first().waitFor(); // On a busy machine not there yet when nothing is a bone.
  const before = await page.locator("[role=row][data-key]").allTextContents();
  await page.reload();
  await page.locator("[role=row][data-key]").first().waitFor();
  await b.quiet();
  const after = await page.locator("[role=row][data-key]").allTextContents();
  const names = (list) => list.map((text) => text.replace(/\d+(秒|分|時間).*/, ""));
  b.check(JSON.stringify(names(before)) === JSON.stringify(names(after)), "after a reload the rows differ");
});
await b.step("the map by keyboard, and as a table", async () => {
  await b.go("/map", { lang: "ja" });
  await page.waitForTimeout(1200);
  await page.locator(".mv").focus();
  await page.keyboard.press("ArrowRight");
  await page.waitForURL(/sel=/);
  await page.locator(".mi h2").first().waitFor();
  b.check((await page.locator(".mv [aria-live]").textContent()).length > 3, "the live region says nothing");
  await b.go("/map?table=1", { lang: "ja" });
  await page.locator(".mtable table, .mbody .state").first().waitFor();
  await b.axe("map as a table");
});
await b.step("conversations: filter, groups, a row's drawer, files", async () => {
  await b.go("/conversations", { lang: "ja" });
  const total = (await api("/conversations/facets")).total;
  b.check(total > 0, "there are no conversations");
  await page.locator("[role=row][data-key]").first().waitFor();
  await page.locator("[role=grid]").focus();
  await page.keyboard.press("j");
  await page.waitForURL(/sel=/);
  await page.keyboard.press("e");
  await page.locator(".evidence .talkends").waitFor();
  await b.quiet();
  await b.axe("a conversation");
  if (asked.shots) await b.shot(join(asked.shots, "conversation-ja-light-1440.png"));
  await page.keyboard.press("Escape");
  await page.waitForURL((url) => !url.search.includes("detail"));
  for (const by of ["pair", "protocol", "lines"]) {
    await b.go(`/conversations?group=${by}`, { lang: "en" });
    await page.locator("[role=row][data-key]").first().waitFor();
    await b.looks(`groups by ${by}`);
    await b.axe(`groups by ${by}`);
  }
  await b.go("/conversations?group=protocol", { lang: "ja" });
  await page.locator("[role=row][data-key]").first().dblclick();
  await page.waitForURL((url) => url.searchParams.has("protocol") && !url.searchParams.has("group"));
  const protocol = new URL(page.url()).searchParams.get("protocol");
  const some = await api(`/conversations?protocol=${protocol}&limit=1`);
  b.check(some === null || some.total <= total, "a group holds more than there is");
  await b.go("/conversations?q=zz-nobody", { lang: "ja" });
  await page.getByText("この条件に合う通信はありません").waitFor();
  for (const path of ["/devices/export", "/conversations/export", "/operations/export", ...(busiest ? [`/devices/${busiest.id}/objects/export`] : [])]) {
    const [sheet, text] = await page.evaluate(async (at) => {
      const ask = async (format) => { const answer = await fetch(`/api/v1${at}?format=${format}`); return { ok: answer.ok, name: answer.headers.get("content-disposition"), begin: [...new Uint8Array(await answer.arrayBuffer())].slice(0, 4) }; };
      return [await ask("xlsx"), await ask("csv")];
    }, path);
    b.check(sheet.ok && sheet.begin[0] === 0x50 && sheet.begin[1] === 0x4b && /\.xlsx"$/.test(sheet.name ?? ""), `${path}: the workbook is none: ${JSON.stringify(sheet)}`);
    b.check(text.ok && text.begin[0] === 0xef && /\.csv"$/.test(text.name ?? ""), `${path}: the CSV is none: ${JSON.stringify(text)}`);
  }
});
await b.step("operations: presets, a window, the message of an act, registers", async () => {
  await b.go("/operations?range=all", { lang: "ja" });
  await page.locator("[role=row][data-key]").first().waitFor();
  for (const preset of ["プログラムの変更", "起動と停止", "初めての書込み元", "失敗した操作"]) {
    await page.getByRole("tab", { name: preset }).click();
    await b.quiet();
    const asks = [...new URL(page.url()).searchParams].filter(([name]) => ["act", "effect", "outcome", "first"].includes(name)).map(([name, value]) => `${name}=${name === "first" ? "true" : value}`).join("&");
    b.check((await page.locator("[role=row][data-key]").count()) > 0 || (await page.locator(".state").count()) > 0, `${preset}: neither rows nor a reason`);
    // What was shown before must not keep this one's rows back.
    b.check((await page.locator("[role=row][data-key]").count()) > 0 === (await api(`/operations?limit=1&${asks}`)).operations.length > 0, `${preset}: rows are there and not shown, or the other way round`);
    b.check((await page.getByRole("tab", { name: preset }).getAttribute("aria-selected")) === "true", `${preset} is not what is shown`);
  }
  await b.go("/operations?range=all&act=write", { lang: "ja" });
  await page.locator("[role=row][data-key]").first().waitFor();
  await page.locator("[role=grid]").focus();
  await page.keyboard.press("j");
  await page.waitForURL(/sel=/);
  await page.keyboard.press("e");
  await page.locator(".evidence .hex").waitFor();
  await b.quiet();
  b.check((await page.locator(".evidence .hex mark").count()) > 0, "no field of the message is marked");
  await b.axe("an act");
  if (asked.shots) for (const lang of ["ja", "en"]) {
    const at = new URL(page.url());
    await b.go(at.pathname + at.search, { lang });
    await page.locator(".evidence .hex").waitFor();
    await b.shot(join(asked.shots, `evidence-${lang}-light-1440.png`));
  }
  const acts = await api("/operations?act=write&limit=1");
  const whom = acts?.operations[0]?.whom.id;
  if (whom) {
    await b.go(`/operations?view=objects&device=${whom}&written=1`, { lang: "ja" });
    await page.locator("[role=row][data-key]").first().waitFor();
    await b.go(`/devices/${whom}?tab=objects`, { lang: "ja" });
    await page.locator(".objtab [role=row][data-key]").first().waitFor();
    await b.looks("variables of a device");
    await b.axe("variables of a device");
  }
});
await b.step("merging is offered, and asks first", async () => {
  if (!busiest) return;
  await b.go(`/devices/${busiest.id}`, { lang: "ja" });
  await page.getByRole("button", { name: words.ja.correct }).click();
  await page.getByRole("button", { name: "ほかの機器とまとめる" }).click();
  b.check(await page.getByRole("button", { name: "まとめる", exact: true }).isDisabled(), "merging is possible without another device");
  await b.axe("merge");
  await page.keyboard.press("Escape");
});
await b.step("a correction is recorded and shown", async () => {
  if (!busiest) return;
  await b.go(`/devices/${busiest.id}`, { lang: "ja" });
  await page.getByRole("button", { name: words.ja.correct }).click();
  const name = `<b>溶接2号</b> 主PLC ${Date.now() % 1000}`;
  await page.locator("#c-name").fill(name);
  await b.axe("correct");
  await page.locator(".ant-modal-footer .btn.p").click();
  await page.locator("h1", { hasText: name }).waitFor();
  b.check((await page.locator("h1 b").count()) === 0, "a name was taken for markup");
});
await b.step("two entries become one device", async () => {
  const before = await api("/devices?limit=50&sort=name&order=desc");
  const [gone, stays] = (before?.devices ?? []).filter((one) => one.id !== busiest?.id);
  if (!stays) return;
  await b.go(`/devices/${gone.id}`, { lang: "ja" });
  await page.getByRole("button", { name: words.ja.correct }).click();
  await page.getByRole("button", { name: "ほかの機器とまとめる" }).click();
  await page.locator("#c-into").fill(stays.address ?? stays.name);
  await page.locator(".ant-select-item-option", { hasText: stays.address ?? stays.name }).first().click();
  await page.getByRole("button", { name: "まとめる", exact: true }).click();
  await page.waitForURL((url) => url.pathname.endsWith(`/devices/${stays.id}`));
  let after = null;
  for (let tries = 0; tries < 30 && after?.total !== before.total - 1; ++tries) {
    await page.waitForTimeout(300);
    after = await api("/devices?limit=50&sort=name&order=desc");
  }
  b.check(after?.total === before.total - 1, `of ${before.total} devices ${after?.total} are left`);
  const one = await api(`/devices/${stays.id}`);
  b.check(!gone.address || one?.addresses.some((address) => address.address === gone.address), `${gone.address} is not the other's`);
});

const team = ["viewer", "operator", "analyst", "auditor"];
const first = "first password of the team", own = (role) => `${role} keeps the tower 7`;
await b.step("accounts for every role", async () => {
  await b.go("/settings?tab=accounts", { lang: "ja" });
  for (const role of team) {
    const known = (await api("/accounts?limit=1000"))?.accounts ?? [];
    if (known.some((account) => account.name === `test-${role}`)) continue;
    await page.getByRole("button", { name: words.ja.add }).first().click();
    await page.locator("#a-name").fill(`test-${role}`);
    await page.locator("#a-role").selectOption(role);
    await page.locator("#a-password").fill(first);
    await page.locator(".ant-modal form button[type=submit]").click();
    await page.locator(".ant-modal form").waitFor({ state: "detached" });
  }
  await b.axe("accounts");
});
for (const role of team)
  await b.step(`as ${role}`, async () => {
    await b.go("/", { lang: "ja" });
    if (await page.locator("button.user").count()) await out();
    await enter(`test-${role}`, first, own(role));
    if (!(await page.locator(".shell").count())) throw new Error("not signed in");
    for (const path of [pages.devices, ...(pages.device ? [pages.device] : []), "/capture", "/map", "/"]) await b.go(path, { lang: "ja" });
    const edits = role === "operator" || role === "analyst";
    if (pages.device) {
      await b.go(pages.device, { lang: "ja" });
      b.check((await page.getByRole("button", { name: words.ja.correct }).count()) === (edits ? 1 : 0), `${role}: correcting is ${edits ? "missing" : "offered"}`);
    }
    await b.go("/capture", { lang: "ja" });
    b.check((await page.getByRole("button", { name: words.ja.choose }).count()) === (role === "analyst" ? 1 : 0), `${role}: uploading is ${role === "analyst" ? "missing" : "offered"}`);
    await b.go("/settings", { lang: "ja" });
    b.check((await page.getByRole("tab", { name: "監査記録" }).count()) === (role === "auditor" ? 1 : 0), `${role}: the audit log`);
    await b.axe(`settings as ${role}`);
  });

await b.close();
process.exit(b.report());
