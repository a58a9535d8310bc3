import { expect, test } from "vitest";
import { openSpritesBench } from "../support/cloud/sprites-bench.ts";
import { SPRITES_CLOUD } from "../support/cloud/sprites-cloud.ts";
import { type Behaviour, type SpritesServer, startSprites } from "../support/cloud/sprites-server.ts";
import { sandboxSpec } from "../support/sandbox/sandbox-spec.ts";
import { type BrokenPromise, describeCloudBoundary } from "./cloud/boundary.ts";

const DENY_ALL = { domain: "*", action: "deny" } as const;

async function behaving(behaviour: Partial<Behaviour>): Promise<SpritesServer> {
  const server = await startSprites();
  Object.assign(server.behaviour, behaviour);
  return server;
}

/** What the policy can be when it is read back. */
const POLICIES: readonly (readonly [name: string, toldRules: NonNullable<Behaviour["toldRules"]>])[] = [
  ["is empty, which means open", []],
  ["denies less than was asked", [{ domain: "*.example.com", action: "deny" }]],
  ["allows a host beside the denial", [DENY_ALL, { domain: "example.com", action: "allow" }]],
  ["includes the service's own list", [DENY_ALL, { include: "defaults" }]],
  ["names no action", [{ domain: "*" }]],
];

const BROKEN: readonly BrokenPromise<SpritesServer>[] = [
  ...POLICIES.map(([name, toldRules]) => ({
    name: `whose network policy ${name} when it is read back`,
    start: () => behaving({ toldRules }),
    code: "egress.unproved",
  })),
  { name: "with a public address", start: () => behaving({ forcedAuth: "public" }), code: "sandbox.unavailable", message: /public/ },
];

describeCloudBoundary({
  cloud: SPRITES_CLOUD,
  broken: BROKEN,
  more(inside) {
    test("I2: the token of the run's own link was in no address", () => {
      const { server } = inside();
      expect(server.requests.join("\n")).not.toMatch(/[0-9a-f]{64}/);
      for (const { argv } of server.commands) expect(argv.join(" ")).not.toMatch(/[0-9a-f]{64}/);
    });

    test("the agent cannot become root, and cannot reach the sprite's own API", async () => {
      const { shell } = inside();
      expect(await shell("sudo -n id 2>&1 || true")).toMatch(/must be owned/);
      expect(await shell("ls /.sprite/api.sock 2>&1 || true")).toMatch(/Permission denied/);
      expect(await shell("ls /.sprite", "root")).toBe("api.sock\n");
    });

    test("the network was closed first, every command may go on alone for its own time only, and one session holds the sprite awake", () => {
      const { server } = inside();
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
      const [asked] = inside().server.asked;
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
  },
});

test("a sprite that has no Node gets the runner's", { timeout: 150_000 }, async () => {
  await using server = await startSprites({ node: "none" });
  await using sandbox = await (await openSpritesBench(server)).create(sandboxSpec());
  expect(sandbox.facts.versions["node"]).toMatch(/brought/);
  expect(server.complaints).toEqual([]);
});
