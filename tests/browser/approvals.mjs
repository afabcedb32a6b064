// Who may be on the network, in the browser against a center that runs: those that wait, let in one by one, together, by the
// ledger, until a date, kept out; the device's page; a device parted in two and put together again.
//
// usage: node tests/browser/approvals.mjs --url https://127.0.0.1:8443 --password FIRST [--shots docs/screenshots]
//   --name        who signs in first (admin)
//   --new-password what the first password is changed to
import { begin } from "./browser.mjs";

const { asked, b, page, shot, looked } = await begin(process.argv.slice(2));

const rows = () => page.locator("[role=row][data-key]");
const waiting = async () => (await b.api("/devices?view=to_approve&limit=1"))?.total;
const dialog = () => page.locator(".ant-modal");
async function settles(what, wanted, where) {
  let found;
  for (let tries = 0; tries < 40; ++tries) {
    found = await what();
    if (found === wanted) break;
    await page.waitForTimeout(250);
  }
  b.check(found === wanted, `${where}: ${found}, not ${wanted}`);
}

let total = 0, seen = [];
await b.step("sign in", async () => {
  await b.go("/", { lang: "ja" });
  await b.enter(asked.name, asked.password, asked.new_password);
  // The captures are still being read: until nobody new has come for a while.
  for (let same = 0; same < 12; await page.waitForTimeout(250)) {
    const now = (await b.api("/devices?limit=1000&sort=name"))?.devices ?? [];
    const read = (await b.api("/captures"))?.captures.every((one) => one.state === "read");
    same = read && now.length === total ? same + 1 : 0;
    seen = now;
    total = now.length;
  }
  b.check(total > 6, `the center sees ${total} devices: too few`);
  b.check((await waiting()) === total, "somebody decided before: this wants a fresh data folder");
});
await b.step("those that wait, from the overview", async () => {
  await b.go("/", { lang: "ja", theme: "light" });
  const all = page.locator(".ov").getByRole("button", { name: "すべて見る" });
  await page.locator("li.dec").first().waitFor();
  if (await all.count()) await all.first().click();
  await page.getByText(`承認を待つ機器が${total}台あります`).waitFor();
  await page.locator("li.dec", { hasText: "承認を待つ" }).getByRole("link").click();
  await page.waitForURL(/view=to_approve/);
  await rows().first().waitFor();
  await looked("approvals", "/devices?view=to_approve");
  await b.go("/devices?view=to_approve", { lang: "ja", theme: "light" });
  b.check((await page.getByText("まだ決めていません").count()) > 3, "why they wait is not said");
});
await b.step("one by keyboard, and a rejection says why", async () => {
  await b.go("/devices?view=to_approve", { lang: "ja", theme: "light" });
  await page.locator("[role=grid]").focus();
  await page.keyboard.press("j");
  await page.keyboard.press("a");
  await dialog().waitFor();
  await b.axe("deciding");
  await shot("approve-ja-light-1440");
  await dialog().getByRole("button", { name: "承認する" }).click();
  await settles(waiting, total - 1, "one is approved");
  await page.locator("[role=grid]").focus();
  await page.keyboard.press("j");
  await page.keyboard.press("r");
  await dialog().waitFor();
  b.check(await dialog().locator(".btn.p").isDisabled(), "a rejection needs no reason");
  await dialog().locator("input[required]").fill("持ち主が分からない");
  await dialog().locator(".btn.p").click();
  await settles(waiting, total - 2, "one is rejected");
  b.check((await b.api("/approvals?list=rejected"))?.rows[0]?.reason === "持ち主が分からない", "the reason is not kept");
});
await b.step("a guest until a date", async () => {
  await b.go("/devices?view=to_approve", { lang: "ja", theme: "light" });
  await page.locator("[role=grid]").focus();
  await page.keyboard.press("j");
  await page.keyboard.press("t");
  await dialog().waitFor();
  await dialog().locator("input[type=date]").waitFor();
  await dialog().locator("input.input:not([type=date])").fill("外注の調整用PC");
  await shot("approve-until-ja-light-1440");
  await dialog().locator(".btn.p").click();
  await settles(waiting, total - 3, "a guest is let in");
  await b.go("/devices?approval=temporary&cols=device,approval,why", { lang: "ja", theme: "light" });
  await page.getByText("期限つき").first().waitFor();
  b.check((await rows().count()) === 1, "not the one guest is in the list of guests");
});
await b.step("several together, and taken back", async () => {
  await b.go("/devices?view=to_approve", { lang: "ja", theme: "light" });
  await rows().first().locator("input[type=checkbox]").click();
  await page.getByRole("button", { name: /この条件の.*をすべて選ぶ/ }).click();
  await page.getByText(`${total - 3}台を選択中`).waitFor();
  await page.locator(".bulk").getByRole("button", { name: "承認を決める" }).click();
  await dialog().waitFor();
  await dialog().getByRole("button", { name: "承認する" }).click();
  await settles(waiting, 0, "all are approved");
  await b.go("/devices?view=to_approve", { lang: "ja", theme: "light" });
  await page.getByText("承認を待つ機器はありません").waitFor();
  const one = seen.find((row) => row.mac && row.address);
  await b.go(`/devices/${one.id}`, { lang: "ja", theme: "light" });
  await page.getByText("接続の承認").waitFor();
  await looked("device-approval", `/devices/${one.id}`);
  await b.go(`/devices/${one.id}`, { lang: "ja", theme: "light" });
  await page.locator(".panel", { hasText: "接続の承認" }).getByRole("button", { name: "変更する" }).click();
  await dialog().locator("input[value=pending]").check();
  await dialog().locator(".btn.p").click();
  await settles(waiting, 1, "one waits again");
});
await b.step("by the ledger, which is made here of what is seen", async () => {
  await page.evaluate(async () => {
    const { csrf_token } = await (await fetch("/api/v1/session")).json();
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf_token };
    const all = (await (await fetch("/api/v1/devices?limit=1000")).json()).devices;
    await fetch("/api/v1/approvals", { method: "POST", headers, body: JSON.stringify({ devices: all.map((one) => one.id), state: "pending" }) });
    await fetch("/api/v1/ledger/devices", { method: "PATCH", headers, body: JSON.stringify({ devices: all.slice(0, 5).map((one) => one.id), values: { owner: "佐藤 健", department: "生産技術", criticality: "高" } }) });
  });
  const known = await b.api("/approvals/known");
  b.check(known.total > 0 && known.total <= 5, `${known.total} devices agree with a ledger of five`);
  await b.go("/devices?view=to_approve", { lang: "ja", theme: "light" });
  await page.getByRole("button", { name: "台帳で承認する" }).click();
  await dialog().locator("ul.known").waitFor();
  await b.axe("by the ledger");
  await shot("approve-by-ledger-ja-light-1440");
  await dialog().getByRole("button", { name: `${known.total}台を承認する` }).click();
  await settles(waiting, total - known.total, "those of the ledger are approved");
  await b.go("/devices?owner=%E4%BD%90%E8%97%A4%20%E5%81%A5&cols=device,product,line,owner,criticality,approval,state", { lang: "ja", theme: "light" });
  await rows().first().waitFor();
  b.check((await rows().count()) === 5, `${await rows().count()} devices of five are 佐藤's`);
  await b.looks("devices of one owner");
  await b.axe("devices of one owner");
  await shot("devices-owner-ja-light-1440");
});
await b.step("into the ledger, several at once", async () => {
  await b.go("/devices", { lang: "ja", theme: "light" });
  await rows().nth(0).locator("input[type=checkbox]").click();
  await rows().nth(1).locator("input[type=checkbox]").click();
  await page.locator(".bulk").getByRole("button", { name: "台帳に書く" }).click();
  await dialog().waitFor();
  await b.axe("writing the ledger");
  await shot("write-ledger-ja-light-1440");
  await dialog().locator("input").first().fill("山口 亮");
  await dialog().locator(".btn.p").click();
  await settles(async () => (await b.api("/devices?limit=1&owner=%E5%B1%B1%E5%8F%A3%20%E4%BA%AE"))?.total, 2, "two have another owner");
});
await b.step("one device is two, and one again", async () => {
  const one = seen.find((row) => row.mac && row.address && row.mac !== row.address);
  await b.go(`/devices/${one.id}`, { lang: "ja", theme: "light" });
  await page.getByRole("button", { name: "直す" }).click();
  await dialog().getByRole("button", { name: "2つの機器に分ける" }).click();
  await dialog().locator(".splitlist li", { hasText: one.address }).locator("input").check();
  await b.axe("splitting");
  await shot("split-ja-light-1440");
  await dialog().locator(".mergebox .btn").click();
  await page.waitForURL(/tab=addresses/);
  await settles(async () => (await b.api("/devices?limit=1"))?.total, total + 1, "one is two");
  await page.getByRole("button", { name: "元に戻す" }).waitFor();
  await b.axe("what was split");
  await shot("regrouped-ja-light-1440");
  await page.getByRole("button", { name: "元に戻す" }).click();
  await settles(async () => (await b.api("/devices?limit=1"))?.total, total, "two are one");
});
await b.step("who may only look sees no buttons", async () => {
  await page.evaluate(async () => {
    const { csrf_token } = await (await fetch("/api/v1/session")).json();
    await fetch("/api/v1/accounts", { method: "POST", headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf_token }, body: JSON.stringify({ name: "gate-viewer", role: "viewer", password: "first password of the team" }) });
  });
  await b.out();
  await b.enter("gate-viewer", "first password of the team", "viewer keeps the tower 7");
  await b.go("/devices?view=to_approve", { lang: "ja" });
  b.check((await page.getByRole("button", { name: /台帳で承認する|承認を決める/ }).count()) === 0, "a viewer is offered to decide");
  await page.locator("[role=grid]").focus();
  await page.keyboard.press("j");
  await page.keyboard.press("a");
  b.check((await dialog().count()) === 0, "a viewer decides by keyboard");
  await b.go(`/devices/${seen[0].id}`, { lang: "ja" });
  await page.getByText("承認できるのは、分析・管理者です").waitFor();
  await b.axe("a device as a viewer");
});

await b.close();
process.exit(b.report());
