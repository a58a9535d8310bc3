import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compose } from "../../src/compose.ts";
import { loadConfig } from "../../src/config/load.ts";
import { narrowSettings } from "../../src/config/repository.ts";
import { openGateway } from "../../src/gateway/gateway.ts";
import type { Gateway } from "../../src/ports/gateway.ts";
import type { Sandbox } from "../../src/ports/sandbox.ts";
import type { World } from "../../src/ports/world.ts";
import { resolvePolicy } from "../../src/stages/policy.ts";
import { setUp } from "../../src/stages/sandbox.ts";
import { openUpstream, type Upstream } from "../support/egress/upstream.ts";
import { LABELLED, openFakeRunner } from "../support/forge/fake-event.ts";
import { ENDLESS } from "../support/runner/endless.ts";
import { openGatewayGuest, runInGuest } from "../support/sandbox/gateway-guest.ts";

const HOST = "registry.pkg.example";
const REAL = `npm_canary${randomBytes(16).toString("hex")}`;
const SOURCE = `secrets:\n  - name: SERVICE_TOKEN\n    host: ${HOST}\n    header: authorization\n    methods: [GET]\n    paths: ["/@acme/**"]\n`;
const INPUTS: Readonly<Record<string, string>> = {
  "github-token": "ghs_0123456789abcdef",
  agent: "command",
  "agent-command": "true",
  allow: `GET,HEAD ${HOST}/**\nGET other.pkg.example/**`,
};

const masked: string[] = [];
const runner = { ...openFakeRunner({ name: "issues", payload: {} }), mask: (value: string) => void masked.push(value) };
let upstream: Upstream;
let world: World;
let gateway: Gateway;
let sandbox: Sandbox;
let directory: string;

beforeAll(async () => {
  upstream = await openUpstream();
  directory = await mkdtemp(join(tmpdir(), "airlock-declared-"));
  process.env["SERVICE_TOKEN"] = REAL;
  const config = loadConfig((name) => INPUTS[name] ?? "");
  world = compose({ config, runner, guestFile: "" });
  const settings = narrowSettings({
    agent: config.agent,
    settings: config.settings,
    trigger: LABELLED,
    source: SOURCE,
    path: "airlock.yml",
  });
  const secrets = world.openSecrets?.(settings) ?? [];
  const places = { forgeUrl: world.forge.remote.url, modelUrl: undefined };
  const policy = await resolvePolicy({ settings, readRegistries: async () => ({}), ...places });
  gateway = await openGateway(
    {
      policy: policy.egress,
      mode: policy.mode,
      model: undefined,
      limits: { maxCostUsd: 1, maxTurns: 0 },
      logPath: join(directory, "egress.jsonl"),
      secrets,
    },
    {
      resolve: async () => ["93.184.215.14"],
      dial: async () => {
        const socket = connect({ port: upstream.tlsPort, host: "127.0.0.1", allowHalfOpen: true });
        await new Promise((done, fail) => socket.once("connect", done).once("error", fail));
        return socket;
      },
      upstreamCa: [upstream.ca],
    },
  );
  ({ sandbox } = await openGatewayGuest(gateway));
}, 120_000);

afterAll(async () => {
  delete process.env["SERVICE_TOKEN"];
  await sandbox?.[Symbol.asyncDispose]();
  await gateway?.[Symbol.asyncDispose]();
  await upstream?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

const inside = (script: string): Promise<string> => runInGuest(sandbox, gateway, script);

const CURL = "curl -sS -i --max-time 6";
const WITH_TOKEN = `${CURL} -H "Authorization: Bearer $SERVICE_TOKEN"`;

test("the guest finds a surrogate under the secret's name, and the host gets the value", async () => {
  upstream.script = { body: `you sent ${REAL}, ${Buffer.from(REAL).toString("base64")}\n`, headers: { "x-echo": REAL } };
  const seen = upstream.requests.length;
  const output = await inside(`${WITH_TOKEN} https://${HOST}/@acme/thing`);
  expect(output).toContain("you sent");
  expect(output).not.toContain(REAL);
  expect(output).not.toContain(Buffer.from(REAL).toString("base64"));
  expect(upstream.requests[seen]?.headers).toContainEqual(["authorization", `Bearer ${REAL}`]);
});

test.each([
  ["on a path that is not the secret's", `https://${HOST}/@other/thing`],
  ["with a method that is not the secret's", `--head https://${HOST}/@acme/thing`],
  ["on another allowed host", "https://other.pkg.example/@acme/thing"],
])("I5: the value leaves nowhere else: %s", async (_where, args) => {
  upstream.script = { body: "answer\n" };
  const seen = upstream.requests.length;
  await inside(`${WITH_TOKEN} ${args}`);
  expect(JSON.stringify(upstream.requests.slice(seen))).not.toContain(REAL);
});

test("I2: root finds the value in no environment, argv, file or memory file of the sandbox, in no form", async () => {
  const forms = [REAL, Buffer.from(REAL).toString("base64").slice(0, -4), Buffer.from(REAL).toString("hex"), [...REAL].reverse().join("")];
  await setUp({ sandbox, script: 'printf %s "$SERVICE_TOKEN" > /tmp/seen', env: gateway.env, deadline: ENDLESS });
  expect(await inside("cat /tmp/seen")).toMatch(/^airlock-surrogate-[0-9a-f]{48}$/);
  await sandbox.writeFiles([{ path: "/opt/patterns", content: Buffer.from(forms.join("\n")), owner: "root", mode: 0o600 }]);
  const places = "/etc /home /root /work /tmp /run /var /srv";
  const search = `grep -rlaF -D skip -f /opt/patterns ${places} /proc/[0-9]*/environ /proc/[0-9]*/cmdline /dev/shm 2>/dev/null; echo end`;
  expect(await inside(search)).toBe("end\n");
  expect(await inside("cp /opt/patterns /tmp/planted; grep -rlaF -f /opt/patterns /tmp; rm /tmp/planted")).toContain("/tmp/planted");
});

test("I14: the value is masked and among the run's secrets, and the log holds none of it", async () => {
  expect(world.secrets.map(({ name }) => name)).toContain("SERVICE_TOKEN");
  expect(masked).toContain(REAL);
  upstream.script = { body: "answer\n" };
  await inside(`${WITH_TOKEN} https://${HOST}/@acme/thing`);
  const readLog = (): Promise<string> => readFile(join(directory, "egress.jsonl"), "utf8");
  await expect.poll(readLog).toContain("/@acme/thing");
  expect(await readLog()).not.toContain(REAL);
});
