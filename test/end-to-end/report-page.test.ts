import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderReportHtml } from "../../src/domain/report/page.ts";
import { openBrowser } from "../support/text/browser.ts";
import { sampleReport } from "../support/text/sample-report.ts";
import { pageOf, REPOSITORY, sampleTexts } from "../support/text/sample-texts.ts";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const OPEN_ALL = "for (const box of document.querySelectorAll('details')) box.open = true";
const SCREENS = [
  { name: "phone", width: 360, height: 740 },
  { name: "desktop", width: 1280, height: 900 },
] as const;
const VIEWS = SCREENS.flatMap((screen) => (["light", "dark"] as const).map((scheme) => ({ ...screen, scheme })));

const TEXTS = sampleTexts();
const TEXT_NAMES = Object.keys(TEXTS);

const OWN_ELEMENTS = "h2 h3 p strong code pre sub a details summary table thead tbody tr th td blockquote ul li hr br".split(" ");
const OWN_ATTRIBUTES = ["", "href", "class", "align", "tabindex", "open"];

let browser: Browser;
let directory: string;
beforeAll(async () => {
  browser = await openBrowser();
  directory = mkdtempSync(join(tmpdir(), "airlock-page-"));
  writeFileSync(join(directory, "report.html"), renderReportHtml(sampleReport()));
  for (const [name, markdown] of Object.entries(TEXTS)) writeFileSync(join(directory, `${name}.html`), pageOf(name, markdown));
}, 400_000);
afterAll(async () => {
  await browser.close();
  rmSync(directory, { recursive: true, force: true });
});

const LARGE = { name: "desktop", width: 1280, height: 900, scheme: "light" } as const;

interface View {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly scheme: "light" | "dark";
  /** Default `report`. */
  readonly file?: string;
}

async function view<T>(given: View, body: (page: Page, asked: readonly string[]) => Promise<T>): Promise<T> {
  const context = await browser.newContext({
    viewport: { width: given.width, height: given.height },
    colorScheme: given.scheme,
    bypassCSP: true,
  });
  const asked: string[] = [];
  try {
    const page = await context.newPage();
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(`file://${join(directory, `${given.file ?? "report"}.html`)}`);
    return await body(page, asked);
  } finally {
    await context.close();
  }
}

async function findViolations(page: Page): Promise<readonly string[]> {
  await page.evaluate(OPEN_ALL);
  await page.addScriptTag({ path: AXE });
  const results = (await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as AxeResults;
  return results.violations.map(({ id, impact, nodes }) => {
    const places = nodes.slice(0, 3).map(({ html }) => html.slice(0, 120));
    return `${impact} ${id}: ${places.join(" | ")}`;
  });
}

/** Pixels that the page is wider than its window. */
async function measureOverhang(page: Page): Promise<number> {
  await page.evaluate(OPEN_ALL);
  return (await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")) as number;
}

/** For people: AIRLOCK_SCREENSHOTS names a folder. */
async function keepPicture(page: Page, name: string): Promise<void> {
  const pictures = process.env.AIRLOCK_SCREENSHOTS;
  if (pictures === undefined) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}

describe("report.html", () => {
  test.each(VIEWS)("report.html has nothing that axe calls an error, on a $name in $scheme", async (given) => {
    await view(given, async (page) => expect(await findViolations(page)).toEqual([]));
  });

  test.each(VIEWS)("report.html needs no sideways scrolling of the page, on a $name in $scheme", async (given) => {
    await view(given, async (page) => {
      expect(await measureOverhang(page)).toBeLessThanOrEqual(0);
      await keepPicture(page, `${given.name}-${given.scheme}`);
    });
  });

  test("report.html runs nothing of the guest's and asks for nothing, even without its own policy", async () => {
    await view(LARGE, async (page, asked) => {
      expect(await page.evaluate("document.querySelectorAll('script, img, iframe, object, link, [onerror], [onload]').length")).toBe(0);
      expect(asked).toEqual([page.url()]);
    });
  });

  test("report.html gives every figure that is drawn in a table too", async () => {
    await view(LARGE, async (page) => {
      const captions = (await page.evaluate("[...document.querySelectorAll('caption')].map((caption) => caption.textContent)")) as string[];
      expect(captions).toEqual(
        expect.arrayContaining([
          "Stages of the run",
          "Hosts",
          "Ways out that were tried",
          "Changed files",
          "Findings of the gate",
          "Findings of the review",
          "Flags of the guard",
          "Evidence that was run again",
        ]),
      );
    });
  });
});

describe.each(TEXT_NAMES)("the %s as GitHub renders it", (file) => {
  /** What the page holds, read in the browser. */
  const INSPECT = `(() => {
    const all = (query, read) => [...document.querySelectorAll("article " + query)].map(read);
    return {
      elements: [...new Set(all("*", (each) => each.localName))],
      attributes: [...new Set(all("*", (each) => each.getAttributeNames().join(" ")))],
      links: all("a", (link) => ({ to: link.href, text: link.textContent })),
      tables: all("table", (table) => [...table.rows].map((row) => row.cells.length)),
      folded: all("details", (box) => [box.parentElement.localName, box.firstElementChild?.localName, box.children.length]),
      loose: all("*", (each) => each).filter((each) => each.closest("code, pre") === null)
        .flatMap((each) => [...each.childNodes]).filter((node) => node.nodeType === 3).map((node) => node.data),
      last: document.querySelector("article").lastElementChild.textContent,
    };
  })()`;
  interface Inspected {
    readonly elements: readonly string[];
    readonly attributes: readonly string[];
    readonly links: readonly { readonly to: string; readonly text: string }[];
    readonly tables: readonly (readonly number[])[];
    readonly folded: readonly (readonly [string, string, number])[];
    readonly loose: readonly string[];
    readonly last: string;
  }

  test.each(VIEWS)("has nothing that axe calls an error, and stays within a $name in $scheme", async (given) => {
    await view({ ...given, file }, async (page) => {
      expect(await measureOverhang(page)).toBeLessThanOrEqual(0);
      expect(await findViolations(page)).toEqual([]);
      await keepPicture(page, `${file}-${given.name}-${given.scheme}`);
    });
  });

  test("has whole tables, folded parts and links, and nothing of the guest's but text", async () => {
    await view({ ...LARGE, file }, async (page, asked) => {
      const found = (await page.evaluate(INSPECT)) as Inspected;
      expect(OWN_ELEMENTS).toEqual(expect.arrayContaining([...found.elements]));
      expect(OWN_ATTRIBUTES).toEqual(expect.arrayContaining([...found.attributes]));
      expect(found.links.filter(({ to, text }) => !to.startsWith(REPOSITORY) || text === "")).toEqual([]);
      expect(found.links.map(({ text }) => text)).toContain("run and record");
      const own = (TEXTS[file] ?? "").replace(/^(`{3,}).*\n[\s\S]*?^\1$/gm, "");
      expect(found.tables.length).toBe(own.match(/^\|(?:---\|)+$/gm)?.length);
      for (const table of found.tables) expect([table.length > 1, new Set(table).size]).toEqual([true, 1]);
      expect(found.folded.length).toBe(own.match(/^<details>$/gm)?.length);
      for (const [parent, first, children] of found.folded) expect([parent, first, children > 1]).toEqual(["article", "summary", true]);
      expect(found.loose.filter((text) => /\*\*|^#{1,6} /.test(text))).toEqual([]);
      expect(found.last).toContain("run and record");
      expect(asked).toEqual([page.url()]);
    });
  });
});
