// The plant's own words and its communication needs against a center that runs: lists of device comments are brought as
// a person does it, D100 reads as the plant calls it everywhere, needs of a line, what stops if. Both widths and languages.
//
// usage: node tests/browser/words.mjs --url https://127.0.0.1:8443 --password FIRST [--shots docs/screenshots]
//   --name        who signs in first (admin)
//   --new-password what the first password is changed to
import { begin } from "./browser.mjs";

const { asked, b, page, shot, looked } = await begin(process.argv.slice(2));
const choose = (file) => page.locator("input[type=file]").setInputFiles(file);
const utf8 = (text) => Buffer.from(`\ufeff${text}`);
const here = () => new URL(page.url()).pathname + new URL(page.url()).search;

let plc = null, object = null;
await b.step("sign in, and a controller with registers", async () => {
  await b.go("/", { lang: "ja" });
  await b.enter(asked.name, asked.password, asked.new_password);
  const plcs = (await b.api("/devices?role=plc&limit=100&sort=name"))?.devices ?? [];
  for (const one of plcs) {
    const rows = (await b.api(`/devices/${one.id}/objects?limit=50`))?.objects ?? [];
    object = rows.find((row) => /^D\d+$/.test(row.object));
    if (object) { plc = one; break; }
  }
  b.check(plc !== null, `none of ${plcs.length} controllers has a register D…`);
});

await b.step("without a list the page says what one is good for", async () => {
  await looked("comments-none", "/comments");
  await b.go("/comments", { lang: "ja", theme: "light" });
  await page.getByText("デバイスコメントはまだありません").waitFor();
});

await b.step("a list with a row that cannot be read, then imported", async () => {
  await b.go("/comments", { lang: "ja", theme: "light" });
  await choose({ name: "加工1号.csv", mimeType: "text/csv", buffer: utf8(`デバイス名,コメント\r\n${object.object},ﾜｰｸ有り\r\nD77,送り速度\r\nXG,読めない\r\n`) });
  await page.waitForURL(/import=/);
  await page.getByText("「XG」はこの書き方のアドレスとして読めません").first().waitFor();
  await page.getByText("ワーク有り").first().waitFor();
  await looked("comments-import", here());
  await b.go(here(), { lang: "ja", theme: "light" });
  await page.getByText(/見えた対象\d+件のうち\d+件に言葉があります/).first().waitFor();
  b.check(await page.locator(".brings .btn.p").isDisabled(), "a list with problems can be imported");
  await page.locator(".skip2 input").check();
  const boxes = page.locator(".controllers input[type=checkbox]");
  const names = await page.locator(".controllers li").allTextContents();
  for (let at = 0; at < names.length; ++at) await boxes.nth(at).setChecked(names[at].includes(plc.name));
  await page.getByRole("button", { name: "2件を取り込む" }).click();
  await page.waitForURL((url) => !url.searchParams.has("import"));
  await page.getByText("ワーク有り").first().waitFor();
  await looked("comments", "/comments");
});

await b.step("the words stand beside registers, operations and evidence, and are found", async () => {
  await b.go(`/operations?view=objects&device=${plc.id}`, { lang: "ja", theme: "light" });
  await page.getByText("ワーク有り").first().waitFor();
  await b.axe("registers with words");
  await shot("registers-words-ja-light-1440");
  await b.go(`/operations?q=${encodeURIComponent("ワーク")}`, { lang: "ja", theme: "light" });
  await page.locator("[role=row][data-key]").first().waitFor();
  b.check((await page.locator("[role=row][data-key]").first().textContent()).includes("ワーク有り"), "an operation is found without its word");
  await shot("operations-words-ja-light-1440");
  await page.locator("[role=grid]").focus();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.locator(".evidence").getByText("ワーク有り").waitFor();
  await b.axe("an operation with its word");
  await shot("operation-words-ja-light-1440");
  await b.go("/", { lang: "ja", theme: "light" });
  await page.keyboard.press("Control+K");
  await page.locator(".palette input").fill("ワーク");
  await page.getByRole("option").filter({ hasText: "ワーク有り" }).first().click();
  await page.waitForURL(/\/registers\?device=/);
  await page.getByText("ワーク有り").first().waitFor();
});

await b.step("active queries: off, planned, looked at beforehand; this box sends nothing", async () => {
  await looked("asking-none", "/active-queries");
  await b.go("/active-queries", { lang: "ja", theme: "light" });
  await page.getByText("問い合わせは行っていません").waitFor();
  const addresses = ((await b.api("/devices?limit=200&sort=address"))?.devices ?? []).map((one) => one.address).filter((one) => /^\d+\.\d+\.\d+\.\d+$/.test(one ?? "") && !/\.(0|255)$/.test(one));
  const network = addresses[0].split(".").slice(0, 3).join(".");
  await page.getByRole("button", { name: "最初のサブネットを計画" }).click();
  await page.getByLabel("名前", { exact: true }).fill("加工1号");
  await page.getByLabel("ネットワーク", { exact: true }).fill(`${network}.0/24`);
  await page.locator(".whom li").first().waitFor();
  await page.locator(".whom input[type=checkbox]").first().check();
  await page.getByText("Modbus 識別情報").click();
  await b.axe("a subnet to ask");
  await shot("asking-edit-ja-light-1440");
  await page.getByRole("button", { name: "計画を保存" }).click();
  await page.locator(".lt.subnets").waitFor();
  await looked("asking", "/active-queries");
  await looked("asking-preview", "/active-queries?tab=preview");
  await b.go("/active-queries?tab=preview", { lang: "ja", theme: "light" });
  await page.locator(".lt tbody tr").first().waitFor();
  b.check((await page.getByRole("button", { name: "承認する" }).count()) === 0, "it can be approved where it is off");
  await looked("asking-log", "/active-queries?tab=log");
});

await b.step("communication needs, of the plant and of a line", async () => {
  await looked("needs", "/needs");
  const line = (await b.api("/lines"))?.lines[0];
  if (line) {
    await b.go(`/needs?line=${line.id}`, { lang: "ja", theme: "light" });
    await page.getByText(`${line.name} に必要な通信は`).waitFor();
  }
  await b.go("/needs?q=zz-nobody", { lang: "ja" });
  await page.getByText("この条件に合う通信はありません").waitFor();
  await page.getByRole("button", { name: "絞り込みを外す" }).click();
  await page.locator("[role=row][data-key]").first().waitFor();
  await page.getByRole("button", { name: "書き出し" }).click();
  b.check((await page.locator(".pop a.item").count()) === 2, "a kind of file is missing");
});

await b.step("what stops if a controller, or a subnet, stops", async () => {
  await looked("stops-none", "/needs?view=stops");
  await looked("stops", `/needs?view=stops&device=${plc.id}`);
  await b.go(`/needs?view=stops&device=${plc.id}`, { lang: "ja", theme: "light" });
  await page.getByText("応答が得られなくなる").first().waitFor();
  await page.getByText("センサーから見えない通信は入っていません").waitFor();
  await page.getByPlaceholder("10.1.2.0/24").fill(plc.address.replace(/\.\d+$/, ".0/24"));
  await page.getByRole("button", { name: "見る", exact: true }).click();
  await page.waitForURL(/subnet=/);
  await page.getByText("止まるとした機器").waitFor();
  await b.axe("a subnet that stops");
  await shot("stops-subnet-ja-light-1440");
  await b.go(`/devices/${plc.id}`, { lang: "ja" });
  await page.getByRole("link", { name: "止まると困るもの" }).click();
  await page.waitForURL(/view=stops/);
});

await b.step("who may only look sees no buttons", async () => {
  await page.evaluate(async () => {
    const { csrf_token } = await (await fetch("/api/v1/session")).json();
    await fetch("/api/v1/accounts", { method: "POST", headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf_token }, body: JSON.stringify({ name: "words-viewer", role: "viewer", password: "first password of the team" }) });
  });
  await b.out();
  await b.enter("words-viewer", "first password of the team", "viewer keeps the tower 7");
  await b.go("/comments", { lang: "ja" });
  await page.getByText("ワーク有り").first().waitFor();
  b.check((await page.getByRole("button", { name: /PLCを選ぶ|一覧を外す|ファイルを選ぶ/ }).count()) === 0, "a viewer is offered to change lists");
  await b.axe("device comments as a viewer");
});

await b.close();
process.exit(b.report());
