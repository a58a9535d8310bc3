import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { quoteForShell } from "../../../../../src/adapters/sandbox/shared/bootstrap/machine.ts";
import { parseSurvey } from "../../../../../src/adapters/sandbox/shared/bootstrap/survey.ts";
import type { Layer, Sandbox } from "../../../../../src/ports/sandbox.ts";
import { openE2bBench } from "../../../../support/cloud/e2b-bench.ts";
import { startE2b } from "../../../../support/cloud/e2b-server.ts";
import { sandboxSpec } from "../../../../support/sandbox/sandbox-spec.ts";

let folder = "";
let layer: Layer;
const LARGE = Buffer.alloc(5_000_000, "agent program ");

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "airlock-bootstrap-"));
  const directory = join(folder, "layer");
  await mkdir(join(directory, "sub folder"), { recursive: true });
  await writeFile(join(directory, "agentprog"), LARGE);
  await chmod(join(directory, "agentprog"), 0o755);
  await writeFile(join(directory, "sub folder", "näme"), "small");
  layer = { name: "tool", directory, mountPath: "/opt/airlock/tool", digest: "d".repeat(64) };
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function shell(sandbox: Sandbox, script: string): Promise<string> {
  const options = { cwd: "/", env: { PATH: "/usr/local/bin:/usr/bin:/bin" }, timeoutMs: 30_000, maxOutputBytes: 100_000 };
  return Buffer.from((await sandbox.exec({ ...options, argv: ["/bin/sh", "-c", script] })).stdout).toString();
}

const LOOK = "cd /opt/airlock/tool && sha256sum < agentprog && cat 'sub folder/näme' && stat -c ' %u %a' agentprog && (echo x > new) 2>&1";

function expectLayer(seen: string): void {
  expect(seen).toContain(createHash("sha256").update(LARGE).digest("hex"));
  expect(seen).toContain("small 0 755");
  expect(seen).toMatch(/denied|cannot create/i);
}

describe("A bare machine becomes a guest", () => {
  test("with layers that are sent, read-only to the agent", async () => {
    await using server = await startE2b();
    await using sandbox = await (await openE2bBench(server)).create(sandboxSpec({ layers: [layer] }));
    expectLayer(await shell(sandbox, LOOK));
    expect(sandbox.facts.versions).toMatchObject({ "layer tool": "brought", template: "base" });
  });

  test("with the image's own copy of a large program, when it is the same byte for byte", async () => {
    const image = { "/usr/local/bin/agentprog": join(layer.directory, "agentprog") };
    await using server = await startE2b({ templates: { base: { node: "current", image } } });
    await using sandbox = await (await openE2bBench(server)).create(sandboxSpec({ layers: [layer] }));
    expectLayer(await shell(sandbox, LOOK));
    expect(sandbox.facts.versions).toMatchObject({ "layer tool": "image in part" });
  });

  test("never with a program of the same name and size that is another", async () => {
    const other = join(folder, "other");
    await writeFile(other, Buffer.alloc(LARGE.length, "evil"));
    await using server = await startE2b({ templates: { base: { node: "current", image: { "/usr/local/bin/agentprog": other } } } });
    await using sandbox = await (await openE2bBench(server)).create(sandboxSpec({ layers: [layer] }));
    expectLayer(await shell(sandbox, LOOK));
    expect(sandbox.facts.versions).toMatchObject({ "layer tool": "brought" });
  });

  test("with the layer of an image that was built with it", async () => {
    const digest = join(folder, "digest");
    await writeFile(digest, `${layer.digest}\n`);
    const image = { "/opt/airlock/tool": layer.directory, "/opt/airlock/tool.digest": digest };
    await using server = await startE2b({ templates: { mine: { node: "current", image } } });
    await using sandbox = await (await openE2bBench(server)).create(sandboxSpec({ template: "mine", layers: [layer] }));
    expect(sandbox.facts.versions).toMatchObject({ "layer tool": "image", template: "mine" });
  });

  test("with the runner's Node where the image has none, and says so", { timeout: 120_000 }, async () => {
    await using server = await startE2b();
    const lines: string[] = [];
    const spec = sandboxSpec({ template: "bare", notify: (line) => lines.push(line) });
    await using sandbox = await (await openE2bBench(server, { stallMs: 20_000 })).create(spec);
    expect(await shell(sandbox, "/opt/airlock/node/bin/node --version")).toBe(`${process.version}\n`);
    expect(sandbox.facts.versions["node"]).toBe(`${process.versions.node} (brought)`);
    expect(lines.join("\n")).toMatch(/`bare` has .*Node.* is brought along/);
  });

  test("from the template of the agent, also for the verification after it, which has no agent", async () => {
    await using server = await startE2b();
    const provider = await openE2bBench(server, { agentTemplate: "claude" });
    const directory = join(folder, "layer", "sub folder");
    await using first = await provider.create(sandboxSpec({ layers: [{ ...layer, directory }] }));
    await using second = await provider.create(sandboxSpec({ purpose: "verify" }));
    expect([first, second].map((sandbox) => sandbox.facts.versions["template"])).toEqual(["claude", "claude"]);
  });

  test("only when the size that was asked for is said to be the template's, once for the run's sandboxes", async () => {
    await using server = await startE2b();
    const lines: string[] = [];
    const provider = await openE2bBench(server);
    const spec = sandboxSpec({ cpus: 4, notify: (line) => lines.push(line) });
    await using first = await provider.create(spec);
    await using second = await provider.create({ ...spec, purpose: "verify" });
    expect(first.id).not.toBe(second.id);
    expect(lines.filter((line) => line.includes("`cpus` and `memory-mib`"))).toHaveLength(1);
  });
});

describe("The survey of a machine", () => {
  test("takes the first Node that is new enough, else the first there is", () => {
    const common = "uid=0\narchitecture=x86_64\nkernel=6.1\ngit=2.40.0\n";
    expect(parseSurvey(`${common}node=v20.9.0 /usr/bin/node\nnode=v24.1.0 /opt/my node/node\n`).node).toEqual({
      version: "24.1.0",
      path: "/opt/my node/node",
      usable: true,
    });
    expect(parseSurvey(`${common}node=v20.9.0 /usr/bin/node\n`).node).toMatchObject({ version: "20.9.0", usable: false });
    expect(parseSurvey(common).node).toBeUndefined();
  });

  test("is refused when it says nothing", () => {
    expect(() => parseSurvey("welcome to the machine\n")).toThrow(expect.objectContaining({ code: "sandbox.unavailable" }));
  });

  test("gives every word to the shell as it is", () => {
    expect(quoteForShell("it's $HOME")).toBe(`'it'\\''s $HOME'`);
  });
});
