import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { renderInstalls, variablesFor } from "../../../../src/domain/ecosystems/installs.ts";
import type { Project } from "../../../../src/domain/ecosystems/project.ts";
import { type Choice, chooseInstalls, describeChoices, resolveSetup } from "../../../../src/domain/ecosystems/setup.ts";

const NPM: Project = { tool: "npm", folder: "", file: "package-lock.json", words: [], locked: true };
const PIP: Project = { tool: "pip", folder: "api", file: "requirements.txt", words: ["-r", "requirements.txt"], locked: false };
const open = (...projects: readonly Project[]): readonly Choice[] => chooseInstalls(projects, () => ({ state: "open", places: [] }));

describe("the lines of set-up", () => {
  test("`auto` becomes the installs, and what the repository's file adds comes after them", () => {
    const { setup } = resolveSetup("auto\nmake prepare", open(NPM));
    expect(setup.indexOf("npm ci")).toBeGreaterThan(-1);
    expect(setup.indexOf("make prepare")).toBeGreaterThan(setup.indexOf("npm ci"));
  });

  test("lines of the workflow replace it, and get no variables", () => {
    expect(resolveSetup("npm run prepare", open(NPM))).toEqual({ setup: "npm run prepare", env: {} });
  });

  test("`none` turns it off, and leaves the file's own lines", () => {
    expect(resolveSetup("none", open(NPM))).toEqual({ setup: "", env: {} });
    expect(resolveSetup("none\nmake prepare", open(NPM)).setup).toBe("make prepare");
  });

  test("a second `auto` adds nothing", () => {
    expect(resolveSetup("auto\nauto", open(NPM)).setup).toBe(resolveSetup("auto", open(NPM)).setup);
  });

  test("what is found nowhere installs nothing", () => {
    expect(resolveSetup("auto", [])).toEqual({ setup: "", env: {} });
  });

  test("an install whose registry cannot be reached is not tried, and the line says which preset opens it", () => {
    const choices = chooseInstalls([NPM, PIP], (preset) => ({ state: preset === "npm" ? "closed" : "open", places: [] }));
    expect(resolveSetup("auto", choices).setup).not.toContain("npm");
    const line = describeChoices(choices, { installs: true, opens: true });
    expect(line).toBe(
      "Found at the base: package-lock.json: not installed, its registry cannot be reached (add `npm` to `allow`); api/requirements.txt: pip install; opened for reading: pypi.",
    );
  });

  test("an ecosystem without a configured registry is told", () => {
    const choices = chooseInstalls([NPM], () => ({ state: "unconfigured", places: [] }));
    expect(describeChoices(choices, { installs: true, opens: true })).toContain("no registry is configured on this runner for `npm`");
  });

  test("PATH finds the venv first, and the tools lie in the agent's home", () => {
    const { env } = resolveSetup("auto", open(NPM, PIP));
    expect(env["PATH"]).toMatch(/^\/home\/agent\/\.venv\/bin:\/home\/agent\/\.local\/bin:\/usr\/local\/sbin:/);
    expect(env["VIRTUAL_ENV"]).toBe("/home/agent/.venv");
    expect(variablesFor([NPM])).not.toHaveProperty("VIRTUAL_ENV");
  });
});

describe("the lines, run by bash", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "airlock-setup-"));
    mkdirSync(join(root, "bin"));
    mkdirSync(join(root, "work"));
    execFileSync("git", ["init", "-q", join(root, "work")]);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  function program(name: string, body: string): void {
    writeFileSync(join(root, "bin", name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(root, "bin", name), 0o755);
  }

  function file(path: string, text = ""): void {
    mkdirSync(dirname(join(root, "work", path)), { recursive: true });
    writeFileSync(join(root, "work", path), text);
  }

  function run(...projects: readonly Project[]) {
    const script = renderInstalls(projects);
    const env = { PATH: `${join(root, "bin")}:/usr/bin:/bin`, HOME: root };
    return spawnSync("/bin/bash", ["-euo", "pipefail", "-c", script], {
      cwd: join(root, "work"),
      env,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  function gitStatus(): string {
    return execFileSync("git", ["status", "--porcelain", "-uall"], { cwd: join(root, "work"), encoding: "utf8" });
  }

  const CARGO: Project = { tool: "cargo", folder: "", file: "Cargo.toml", words: [], locked: false };

  test("nothing new shows in git, whether the repository ignores what was installed or not", () => {
    program(
      "npm",
      "mkdir -p node_modules/a packages/b/node_modules && echo x > node_modules/a/i.js && echo y > packages/b/node_modules/j.js",
    );
    expect(run(NPM)).toMatchObject({ status: 0, stderr: "" });
    expect(existsSync(join(root, "work/node_modules/a/i.js"))).toBe(true);
    expect(gitStatus()).toBe("");
    file(".gitignore", "node_modules\n");
    rmSync(join(root, "work/node_modules"), { recursive: true });
    expect(run(NPM).status).toBe(0);
    expect(existsSync(join(root, "work/node_modules/.gitignore"))).toBe(false);
    expect(gitStatus()).toBe("?? .gitignore\n");
  });

  test("a folder with tracked files is left as it is", () => {
    file("vendor/own.php", "<?php");
    execFileSync("git", ["add", "-A"], { cwd: join(root, "work") });
    program("composer", "true");
    expect(run({ tool: "composer", folder: "", file: "composer.lock", words: [], locked: true }).status).toBe(0);
    expect(existsSync(join(root, "work/vendor/.gitignore"))).toBe(false);
  });

  test("a lockfile that the tool wrote is taken away; a tracked and an ignored one stay", () => {
    program("cargo", "echo new > Cargo.lock");
    expect(run(CARGO).status).toBe(0);
    expect(existsSync(join(root, "work/Cargo.lock"))).toBe(false);
    file(".gitignore", "Cargo.lock\n");
    run(CARGO);
    expect(existsSync(join(root, "work/Cargo.lock"))).toBe(true);
    rmSync(join(root, "work/.gitignore"));
    execFileSync("git", ["add", "Cargo.lock"], { cwd: join(root, "work") });
    run(CARGO);
    expect(existsSync(join(root, "work/Cargo.lock"))).toBe(true);
  });

  test("a missing tool is said, and the others are installed", () => {
    program("go", `pwd > ${join(root, "where")}`);
    file("svc/go.mod");
    const bun: Project = { tool: "bun", folder: "", file: "bun.lock", words: [], locked: true };
    const { status, stderr } = run(bun, { tool: "go", folder: "svc", file: "go.mod", words: [], locked: true });
    expect(stderr).toContain("airlock: bun is not in this sandbox, so what bun.lock names is not installed");
    expect(status).toBe(0);
    expect(readFileSync(join(root, "where"), "utf8").trim()).toMatch(/\/work\/svc$/);
  });

  test("an install that fails ends the lines with its code", () => {
    program("npm", "echo refused >&2; exit 7");
    program("cargo", "echo never > never");
    expect(run(NPM, CARGO)).toMatchObject({ status: 7, stderr: "refused\n" });
    expect(existsSync(join(root, "work/never"))).toBe(false);
  });
});
