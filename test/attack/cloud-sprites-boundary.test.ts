import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { judgeBoundary } from "../../src/domain/sandbox/boundary-proof.ts";
import type { Sandbox } from "../../src/ports/sandbox.ts";
import { openSpritesBench } from "../support/cloud/sprites-bench.ts";
import { type SpritesServer, startSprites } from "../support/cloud/sprites-server.ts";
import { sandboxSpec } from "../support/sandbox/sandbox-spec.ts";

const ENV = { PATH: "/usr/local/bin:/usr/bin:/bin" };

async function shell(sandbox: Sandbox, script: string, user: "agent" | "root" = "agent"): Promise<string> {
  const command = { argv: ["/bin/bash", "-c", script], cwd: "/", env: ENV, user, timeoutMs: 30_000, maxOutputBytes: 1_000_000 };
  return Buffer.from((await sandbox.exec(command)).stdout).toString();
}

describe("a network policy at Sprites that", () => {
  test("I3: does nothing is caught by the proof from inside", async () => {
    await using server = await startSprites({ ignoresPolicy: true });
    await using sandbox = await (await openSpritesBench(server)).create(sandboxSpec());
    const { attempts } = await sandbox.probe({ deniedHost: "denied.invalid", proxyPort: 3_128, timeoutMs: 2_000 });
    const { proved, failures } = judgeBoundary(attempts);
    expect(proved).toBe(false);
    expect(failures.join("\n")).toContain("1.1.1.1:443");
  });

  test.each([
    ["is empty, which means open", []],
    ["denies less than was asked", [{ domain: "*.example.com", action: "deny" }]],
    [
      "allows a host beside the denial",
      [
        { domain: "*", action: "deny" },
        { domain: "example.com", action: "allow" },
      ],
    ],
    ["includes the service's own list", [{ domain: "*", action: "deny" }, { include: "defaults" }]],
    ["names no action", [{ domain: "*" }]],
  ])("I6: %s when it is read back stops the run before anything runs in the sandbox", async (_name, toldRules) => {
    await using server = await startSprites();
    server.behaviour.toldRules = toldRules;
    const provider = await openSpritesBench(server);
    await expect(provider.create(sandboxSpec())).rejects.toMatchObject({ code: "egress.unproved" });
    expect(server.commands).toEqual([]);
    expect([...server.state.sprites.keys()]).toEqual([]);
  });
});

describe("a sprite", () => {
  test("I6: with a public address is refused", async () => {
    await using server = await startSprites();
    server.behaviour.forcedAuth = "public";
    const provider = await openSpritesBench(server);
    await expect(provider.create(sandboxSpec())).rejects.toMatchObject({
      code: "sandbox.unavailable",
      message: expect.stringMatching(/public/),
    });
    expect(server.commands).toEqual([]);
    expect([...server.state.sprites.keys()]).toEqual([]);
  });

  test("that has no Node gets the runner's", { timeout: 150_000 }, async () => {
    await using server = await startSprites({ node: "none" });
    await using sandbox = await (await openSpritesBench(server)).create(sandboxSpec());
    expect(sandbox.facts.versions["node"]).toMatch(/brought/);
    expect(server.complaints).toEqual([]);
  });
});

describe("inside a sprite", () => {
  let server: SpritesServer;
  let sandbox: Sandbox;

  beforeAll(async () => {
    server = await startSprites();
    sandbox = await (await openSpritesBench(server)).create(sandboxSpec());
  });

  afterAll(async () => {
    await sandbox?.[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  test("I2: Sprites' token is in no file, environment or command line, in no address and in no script", async () => {
    const pattern = `[${server.token.slice(0, 1)}]${server.token.slice(1)}`;
    const search = `grep -rlsF -e '${server.token.slice(0, 20)}''${server.token.slice(20)}' /run /opt/airlock /etc /home /root /tmp /work; grep -alsE '${pattern}' /proc/[0-9]*/environ /proc/[0-9]*/cmdline; echo searched`;
    expect(await shell(sandbox, search, "root")).toBe("searched\n");
    const seen = JSON.stringify([server.requests, server.commands, server.asked]);
    for (const spelling of [server.token, encodeURIComponent(server.token)]) expect(seen).not.toContain(spelling);
    expect(server.complaints).toEqual([]);
  });

  test("I2: the token of the run's own link was in no address, and is gone once the guest has read it", async () => {
    expect(await shell(sandbox, "ls -A /run/airlock", "root")).not.toContain("token");
    expect(server.requests.join("\n")).not.toMatch(/[0-9a-f]{64}/);
    for (const { stdin, argv } of server.commands) {
      expect(argv.join(" ")).not.toMatch(/[0-9a-f]{64}/);
      expect(stdin).not.toContain(server.token);
    }
  });

  test("the agent cannot become root, and cannot reach the sprite's own API", async () => {
    expect(await shell(sandbox, "sudo -n id 2>&1 || true")).toMatch(/must be owned/);
    expect(await shell(sandbox, "ls /.sprite/api.sock 2>&1 || true")).toMatch(/Permission denied/);
    expect(await shell(sandbox, "ls /.sprite", "root")).toBe("api.sock\n");
  });

  test("the network was closed first, every command may go on alone for its own time only, and one session holds the sprite awake", () => {
    const paths = server.requests.map((line) => line.replace(/airlock-[0-9a-z-]+/, "NAME").split("?")[0]);
    expect(paths.slice(0, 4)).toEqual([
      "POST /v1/sprites",
      "POST /v1/sprites/NAME/policy/network",
      "GET /v1/sprites/NAME/policy/network",
      "WS /v1/sprites/NAME/exec",
    ]);
    const holds = server.commands.filter(({ argv }) => argv[0] === "sleep");
    expect(holds.map(({ keepMs }) => keepMs)).toEqual([10_000]);
    for (const { argv, keepMs } of server.commands.filter((each) => !holds.includes(each))) {
      expect(argv.slice(0, 2)).toEqual(["sudo", "-n"]);
      expect(keepMs).toBeGreaterThanOrEqual(40_000);
    }
  });

  test("I7: carries its run, purpose and deadline, by which later runs find it", () => {
    const [asked] = server.asked;
    expect(asked?.name).toMatch(/^airlock-[0-9a-f]{12}-[0-9a-z]{6,8}-[0-9a-f]{10}$/);
    expect(asked?.labels).toEqual([
      "airlock",
      "airlock-repository-airlock-tests-cloud",
      expect.stringMatching(/^airlock-run-/),
      "airlock-attempt-1",
      "airlock-purpose-agent",
      expect.stringMatching(/^airlock-deadline-\d{13}$/),
    ]);
    expect(asked?.url_settings).toEqual({ auth: "sprite" });
  });
});
