import type { Sandbox } from "../../src/ports/sandbox.ts";
import { spritesOptions } from "../support/cloud/sprites-bench.ts";
import { SPRITES_CLOUD } from "../support/cloud/sprites-cloud.ts";
import type { SpritesServer } from "../support/cloud/sprites-server.ts";
import type { Mutant } from "../support/sandbox/adapter-mutants.ts";
import { describeCloudMutants, type Note } from "./cloud/mutants.ts";

async function judgeSandbox(sandbox: Sandbox, note: Note): Promise<void> {
  const sudo = await sandbox.exec({
    ...{ argv: ["/usr/local/bin/sudo", "-n", "true"], cwd: "/", env: {} },
    ...{ timeoutMs: 10_000, maxOutputBytes: 1_000 },
  });
  note("no way to root", sudo.code !== 0);
}

function judgeTraffic({ asked, commands, requests }: SpritesServer, note: Note): void {
  note(
    "labelled",
    asked.every(({ labels }) => labels?.includes("airlock") === true),
  );
  note(
    "a private address",
    asked.every(({ url_settings: settings }) => settings?.auth === "sprite"),
  );
  note(
    "the policy read back",
    requests.some((line) => /^GET .*\/policy\/network$/.test(line)),
  );
  note("held awake", commands.filter(({ argv }) => argv[0] === "sleep").length === 1);
  note(
    "a time of its own when left alone",
    commands.every(({ argv, keepMs }) => argv[0] === "sleep" || keepMs > 10_000),
  );
}

const MUTANTS: readonly Mutant[] = [
  {
    name: "deny-all dropped",
    file: "create.ts",
    from: "await client.setNetworkPolicy(name, DENY_ALL);",
    to: "",
    finding: /deny|denies|before the network was closed|egress/i,
  },
  {
    name: "deny-all neither set nor asked for",
    file: "create.ts",
    from: "await closeNetwork(client, name);",
    to: "",
    finding: /closed egress/,
  },
  {
    name: "read-back dropped",
    file: "create.ts",
    from: "rules = await client.readNetworkPolicy(name);",
    to: "rules = DENY_ALL;",
    finding: /the policy read back/,
  },
  { name: "deletion skipped", file: "create.ts", from: "await client.remove(name);", to: "", finding: /destroyed/ },
  {
    name: "public address",
    file: "client.ts",
    from: 'url_settings: { auth: "sprite" }',
    to: 'url_settings: { auth: "public" }',
    finding: /public/,
  },
  {
    name: "default time when left alone",
    file: "client.ts",
    from: '["max_run_after_disconnect", `${Math.ceil(command.keepAfterDisconnectMs / 1000)}s`],',
    to: "",
    finding: /how long it may go on alone/,
  },
  {
    name: "token in an environment",
    file: "client.ts",
    from: '["stdin", "true"],',
    to: '["stdin", "true"], ["env", `SPRITES_TOKEN=${options.token.reveal()}`],',
    finding: /no token in sight/,
  },
  {
    name: "unlabelled",
    file: "create.ts",
    from: "labels: labelsFor(spec, nowMs) ",
    to: "labels: [] ",
    finding: /labelled|found by its run/,
  },
  {
    name: "deadline at once",
    file: "names.ts",
    from: "Math.ceil((nowMs + spec.lifetimeMs) / 1000)",
    to: "Math.ceil(nowMs / 1000)",
    finding: /overdue later/,
  },
  {
    name: "not held awake",
    file: "provider.ts",
    from: "holdAwake(client, name, spec.lifetimeMs)",
    to: "(() => undefined)",
    finding: /held awake/,
  },
  {
    name: "root not dropped",
    file: "provider.ts",
    from: "() => dropRoot(sandbox)",
    to: "async () => undefined",
    finding: /no way to root/,
  },
];

type Adapter = typeof import("../../src/adapters/sandbox/sprites/provider.ts");

describeCloudMutants({
  cloud: SPRITES_CLOUD,
  open: async ({ openSpritesProvider }: Adapter, server) => openSpritesProvider(await spritesOptions(server)),
  judgeTraffic,
  judgeSandbox,
  mutants: MUTANTS,
});
