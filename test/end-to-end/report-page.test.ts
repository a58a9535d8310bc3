import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderReportHtml } from "../../src/domain/report-html/page.ts";
import { openBrowser } from "../support/browser.ts";
import { sampleReport } from "../support/sample-report.ts";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const SCREENS = [
  { name: "phone", width: 360, height: 740 },
  { name: "desktop", width: 1280, height: 900 },
] as const;
const VIEWS = SCREENS.flatMap((screen) => (["light", "dark"] as const).map((scheme) => ({ ...screen, scheme })));

let browser: Browser;
let directory: string;
beforeAll(async () => {
  browser = await openBrowser();
  directory = mkdtempSync(join(tmpdir(), "airlock-page-"));
  writeFileSync(join(directory, "report.html"), renderReportHtml(sampleReport()));
}, 400_000);
afterAll(async () => {
  await browser.close();
  rmSync(directory, { recursive: true, force: true });
});

async function view<T>(given: (typeof VIEWS)[number], body: (page: Page, asked: readonly string[]) => Promise<T>): Promise<T> {
  const context = await browser.newContext({
    viewport: { width: given.width, height: given.height },
    colorScheme: given.scheme,
    bypassCSP: true,
  });
  const asked: string[] = [];
  try {
    const page = await context.newPage();
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(`file://${join(directory, "report.html")}`);
    return await body(page, asked);
  } finally {
    await context.close();
  }
}

describe("report.html", () => {
  it.each(VIEWS)("has nothing that axe calls an error, on a $name in $scheme", async (given) => {
    await view(given, async (page) => {
      await page.evaluate("for (const box of document.querySelectorAll('details')) box.open = true");
      await page.addScriptTag({ path: AXE });
      const results = (await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as AxeResults;
      const told = results.violations.map(
        ({ id, impact, nodes }) =>
          `${impact} ${id}: ${nodes
            .slice(0, 3)
            .map(({ html }) => html.slice(0, 120))
            .join(" | ")}`,
      );
      expect(told).toEqual([]);
    });
  });

  it.each(VIEWS)("needs no sideways scrolling of the page, on a $name in $scheme", async (given) => {
    await view(given, async (page) => {
      await page.evaluate("for (const box of document.querySelectorAll('details')) box.open = true");
      const wider = (await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")) as number;
      expect(wider).toBeLessThanOrEqual(0);
      const pictures = process.env.AIRLOCK_SCREENSHOTS;
      if (pictures !== undefined) {
        mkdirSync(pictures, { recursive: true });
        await page.screenshot({ path: join(pictures, `${given.name}-${given.scheme}.png`), fullPage: true });
      }
    });
  });

  it("runs nothing of the guest's and asks for nothing, even without its own policy", async () => {
    await view({ name: "desktop", width: 1280, height: 900, scheme: "light" }, async (page, asked) => {
      expect(await page.evaluate("document.querySelectorAll('script, img, iframe, object, link, [onerror], [onload]').length")).toBe(0);
      expect(asked).toEqual([page.url()]);
    });
  });

  it("gives every figure that is drawn in a table too", async () => {
    await view({ name: "desktop", width: 1280, height: 900, scheme: "light" }, async (page) => {
      const captions = (await page.evaluate("[...document.querySelectorAll('caption')].map((caption) => caption.textContent)")) as string[];
      expect(captions).toEqual(
        expect.arrayContaining([
          "Stations of the run",
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
