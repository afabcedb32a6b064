// What the browser tests share: Debian's Chromium, a page that writes down everything it should not have done
// (console errors, requests to elsewhere, layout shifts), and axe.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { smaller } from "./png.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(join(here, "../../console/package.json"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-extensions", "--font-render-hinting=none"];

export class Browser {
  failures = [];
  checks = 0;

  static async open(url, { executable = process.env.YAGURA_CHROMIUM ?? "/usr/bin/chromium" } = {}) {
    const self = new Browser();
    self.url = new URL(url).origin;
    self.folder = mkdtempSync(join(tmpdir(), "yagura-browser-"));
    self.context = await chromium.launchPersistentContext(self.folder, {
      executablePath: executable, headless: true, ignoreHTTPSErrors: true, viewport: { width: 1440, height: 900 }, locale: "ja-JP", timezoneId: "Asia/Tokyo", reducedMotion: "reduce", args: flags,
    });
    self.context.setDefaultTimeout(20_000);
    self.page = self.context.pages()[0] ?? (await self.context.newPage());
    self.watch(self.page);
    return self;
  }

  watch(page) {
    page.on("console", (message) => {
      if (message.type() !== "error") return;
      // A refusal that was asked for is written to the console by the browser itself.
      if (this.expectedStatus && message.text().includes(`status of ${this.expectedStatus}`)) return;
      this.fail(`console error: ${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => this.fail(`page error: ${error.message}`));
    page.on("request", (request) => {
      const to = request.url();
      if (!to.startsWith(this.url) && !/^(data|blob|about|chrome):/.test(to)) this.fail(`a request left the host: ${to}`);
    });
    return page.addInitScript(() => {
      window.__shift = 0;
      new PerformanceObserver((list) => { for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.__shift += entry.value; }).observe({ type: "layout-shift", buffered: true });
    });
  }

  fail(what) {
    if (this.failures.includes(what)) return;
    this.failures.push(what);
    console.error(`  FAILED ${what}`);
  }
  check(holds, what) {
    this.checks += 1;
    if (!holds) this.fail(what);
  }
  async step(name, what) {
    process.stdout.write(`  ${name}\n`);
    try {
      await what();
    } catch (error) {
      this.fail(`${name}: ${String(error.message ?? error).split("\n").slice(0, 6).join(" ")}`);
    }
  }

  async go(path, { lang, theme } = {}) {
    const target = new URL(path, this.url);
    if (lang) target.searchParams.set("lang", lang);
    if (theme) target.searchParams.set("theme", theme);
    await this.page.goto(target.href);
    await this.quiet();
  }
  /** What the center answers to who is signed in; null where it refuses. */
  api(path) {
    return this.page.evaluate(async (at) => { const answer = await fetch(`/api/v1${at}`); return answer.ok ? answer.json() : null; }, path);
  }
  async signIn(name, secret) {
    await this.page.locator("#name").fill(name);
    await this.page.locator("#password").fill(secret);
    await this.page.locator("form button[type=submit]").click();
  }
  /** Signs in; where a password of one's own is asked for, gives it. Returns the one that holds from now on. */
  async enter(name, secret, own) {
    await this.signIn(name, secret);
    await this.page.waitForSelector("#current, .shell");
    if (!(await this.page.locator("#current").count())) return secret;
    await this.page.locator("#current").fill(secret);
    await this.page.locator("#next").fill(own);
    await this.page.locator("form button[type=submit]").click();
    await this.page.waitForSelector(".shell");
    return own;
  }
  async out() {
    await this.page.locator("button.user").click();
    await this.page.locator(".pop button.item").last().click();
    await this.page.waitForSelector("#name");
  }
  /** The page is there and has its data: nothing is a bone any more, and two frames have passed. */
  async quiet() {
    await this.page.waitForFunction(() => document.querySelector("h1, .state, [role=alert]") && !document.querySelector(".bone"), undefined, { timeout: 15_000 }).catch(() => this.fail(`still loading: ${this.page.url()}`));
    await this.page.waitForTimeout(350);
  }

  async looks(where) {
    const found = await this.page.evaluate(() => {
      const wide = document.documentElement.scrollWidth - innerWidth;
      const tiny = [...document.querySelectorAll("body *")].filter((element) => element.childNodes.length > 0 && [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()) && element.getClientRects().length > 0 && !element.closest("svg")
        && parseFloat(getComputedStyle(element).fontSize) < 11.1).map((element) => element.textContent.trim().slice(0, 30));
      return { wide, tiny: tiny.slice(0, 3), h1: document.querySelectorAll("h1").length, lang: document.documentElement.lang, shift: window.__shift };
    });
    this.check(found.wide <= 0, `${where}: ${found.wide} px wider than the window`);
    this.check(found.tiny.length === 0, `${where}: text under 12 px: ${found.tiny.join(" | ")}`);
    this.check(found.h1 === 1, `${where}: ${found.h1} h1`);
    this.check(found.shift <= 0.02, `${where}: layout shift ${found.shift.toFixed(3)}`);
    return found;
  }

  async axe(where) {
    await this.page.evaluate(axe);
    const found = await this.page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
    for (const one of found.violations)
      if (one.impact === "serious" || one.impact === "critical")
        this.fail(`axe ${where}: ${one.id}: ${one.help}: ${one.nodes.slice(0, 2).map((node) => node.target.join(" ")).join(", ")}`);
    this.checks += 1;
  }

  async shot(file) {
    await this.page.mouse.move(2, 2);
    const png = smaller(await this.page.screenshot());
    writeFileSync(file, png);
    const size = png.length;
    this.check(size < 200_000, `${file} is ${size} bytes`);
  }

  async close() {
    await this.context.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  report() {
    console.log(this.failures.length === 0 ? `browser: ${this.checks} checks passed` : `browser: ${this.failures.length} of ${this.checks} checks failed`);
    return this.failures.length === 0 ? 0 : 1;
  }
}

export function options(argv, known) {
  const out = { ...known };
  for (let at = 0; at < argv.length; at += 2) {
    const name = argv[at].replace(/^--/, "").replace(/-/g, "_");
    if (!argv[at].startsWith("--") || !(name in known) || argv[at + 1] === undefined) {
      console.error(`usage: ${Object.keys(known).map((one) => `--${one.replace(/_/g, "-")} …`).join(" ")}`);
      process.exit(2);
    }
    out[name] = argv[at + 1];
  }
  return out;
}

/**
 * What a test of one part of the console begins with: what it was asked, the browser, and two ways of taking pictures.
 * `looked` opens a page in both languages, both widths and both themes, checks it, and keeps the light ones.
 * `more`: what else the test may be asked, with what holds where it is not.
 */
export async function begin(argv, more = {}) {
  const asked = options(argv, { ...more, url: "", password: process.env.YAGURA_PASSWORD ?? "", name: "admin", new_password: "tower over the rice field 7", shots: "" });
  if (!asked.url || !asked.password) {
    console.error("browser: --url and --password are needed");
    process.exit(2);
  }
  if (asked.shots) mkdirSync(asked.shots, { recursive: true });
  const b = await Browser.open(asked.url);
  const shot = async (name) => { if (asked.shots) await b.shot(join(asked.shots, `${name}.png`)); };
  const looked = async (name, path) => {
    for (const [lang, theme, width, height] of [["ja", "light", 1440, 900], ["en", "light", 1440, 900], ["ja", "dark", 1024, 768], ["en", "light", 1024, 768]]) {
      await b.page.setViewportSize({ width, height });
      await b.go(path, { lang, theme });
      await b.looks(`${name} ${lang} ${width}`);
      await b.axe(`${name} ${lang} ${theme} ${width}`);
      if (theme === "light") await shot(`${name}-${lang}-light-${width}`);
    }
    await b.page.setViewportSize({ width: 1440, height: 900 });
  };
  return { asked, b, page: b.page, shot, looked };
}
