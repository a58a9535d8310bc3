import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/usr/bin/google-chrome-stable"];

/** A real browser; installed through the repository's own script when the machine has none. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = find() ?? install();
  return await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
}

function find(): string | undefined {
  return PLACES.find((path) => existsSync(path));
}

function install(): string {
  execFileSync("script/bootstrap", { stdio: "inherit" });
  const path = find();
  if (path === undefined) throw new Error("script/bootstrap ended without a browser");
  return path;
}
