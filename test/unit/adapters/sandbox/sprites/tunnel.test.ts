import { expect, it } from "vitest";
import { expectLoadCarried } from "../../../../support/install-load.ts";
import { sandboxSpec } from "../../../../support/sandbox-spec.ts";
import { openSpritesBench } from "../../../../support/sprites-bench.ts";
import { startSprites } from "../../../../support/sprites-server.ts";
import { openUnsteadyLink } from "../../../../support/unsteady-link.ts";

it("carries an install's load byte by byte while 5 % of its pieces are late and its sockets are cut ten times", {
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
