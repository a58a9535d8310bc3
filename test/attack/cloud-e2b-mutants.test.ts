import { e2bOptions } from "../support/cloud/e2b-bench.ts";
import { E2B_CLOUD } from "../support/cloud/e2b-cloud.ts";
import type { E2bServer } from "../support/cloud/e2b-server.ts";
import type { Mutant } from "../support/sandbox/adapter-mutants.ts";
import { describeCloudMutants, LIFETIME_MS, type Note } from "./cloud/mutants.ts";

function judgeTraffic({ asked, limitsMs }: E2bServer, note: Note): void {
  note(
    "a lifetime of its own",
    asked.every(({ timeout }) => timeout === LIFETIME_MS / 1000),
  );
  note(
    "a time limit on every command",
    limitsMs.every((limitMs) => limitMs > 0 && limitMs !== 60_000),
  );
  note(
    "nothing in the environment",
    asked.every(({ envVars }) => envVars === undefined),
  );
}

const MUTANTS: readonly Mutant[] = [
  { name: "deny-all dropped", file: "create.ts", from: "allowInternetAccess: false,", to: "", finding: /closed egress/ },
  { name: "public ports", file: "create.ts", from: "network: { allowPublicTraffic: false },", to: "", finding: /open to the public/ },
  { name: "kill skipped", file: "create.ts", from: "await api.kill(made.sandboxId);", to: "return;", finding: /destroyed/ },
  { name: "default lifetime", file: "create.ts", from: "timeoutMs: spec.lifetimeMs,", to: "", finding: /a lifetime of its own/ },
  {
    name: "default command limit",
    file: "machine.ts",
    from: 'cwd: "/", timeoutMs,',
    to: 'cwd: "/",',
    finding: /a time limit on every command/,
  },
  {
    name: "key in the environment",
    file: "create.ts",
    from: "allowInternetAccess: false,",
    to: "allowInternetAccess: false, envs: { E2B_API_KEY: String(api.connection.apiKey) },",
    finding: /nothing in the environment/,
  },
  {
    name: "untagged",
    file: "create.ts",
    from: "metadata: { ...tagsFor(spec, creation, Date.now()) },",
    to: "",
    finding: /found by its run/,
  },
  { name: "deadline at once", file: "tags.ts", from: "String(nowMs + spec.lifetimeMs)", to: "String(nowMs)", finding: /overdue later/ },
];

type Adapter = typeof import("../../src/adapters/sandbox/e2b/provider.ts");

describeCloudMutants({
  cloud: E2B_CLOUD,
  open: async ({ openE2bProvider }: Adapter, server) => openE2bProvider(await e2bOptions(server)),
  judgeTraffic,
  mutants: MUTANTS,
});
