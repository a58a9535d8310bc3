import { expect, test } from "vitest";
import { openSpritesBench } from "../../../../support/cloud/sprites-bench.ts";
import { startSprites } from "../../../../support/cloud/sprites-server.ts";
import { openUnsteadyLink } from "../../../../support/cloud/unsteady-link.ts";
import { expectLoadCarried } from "../../../../support/runner/install-load.ts";
import { sandboxSpec } from "../../../../support/sandbox/sandbox-spec.ts";

test("carries an install's load byte by byte while 5 % of its pieces are late and its sockets are cut ten times", {
  timeout: 150_000,
}, async () => {
  await using server = await startSprites();
  using link = await openUnsteadyLink(Number(new URL(server.env["SPRITES_API_URL"] ?? "").port), { delayedShare: 0.05, delayMs: 40 });
  const env = { ...server.env, SPRITES_API_URL: `http://127.0.0.1:${link.port}` };
  const provider = await openSpritesBench(server, { env });
  await using sandbox = await provider.create(sandboxSpec());
  await expectLoadCarried(sandbox, link);
  expect(server.complaints).toEqual([]);
});
