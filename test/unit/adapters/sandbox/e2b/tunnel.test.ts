import { expect, test } from "vitest";
import { openE2bBench } from "../../../../support/cloud/e2b-bench.ts";
import { startE2b } from "../../../../support/cloud/e2b-server.ts";
import { openUnsteadyLink } from "../../../../support/cloud/unsteady-link.ts";
import { expectLoadCarried } from "../../../../support/runner/install-load.ts";
import { sandboxSpec } from "../../../../support/sandbox/sandbox-spec.ts";

test("carries an install's load byte by byte while 5 % of its pieces are late and its sockets are cut ten times", {
  timeout: 150_000,
}, async () => {
  await using server = await startE2b();
  using link = await openUnsteadyLink(server.tunnelPort, { delayedShare: 0.05, delayMs: 40 });
  const env = { ...server.env, AIRLOCK_E2B_TUNNEL_URL: `ws://127.0.0.1:${link.port}` };
  const provider = await openE2bBench(server, { env });
  await using sandbox = await provider.create(sandboxSpec());
  await expectLoadCarried(sandbox, link);
  expect(server.complaints).toEqual([]);
});
