import { z } from "zod";
import { type RefusedAnswer, readRetryAfterMs } from "../shared/api-call.ts";
import { kindOfStatus, type Vendor, VendorFailure } from "../shared/vendor-failure.ts";

export const SPRITES: Vendor = {
  provider: "sprites",
  name: "Sprites",
  credential: "token",
  input: "sprites-token",
  account: "organization",
  sandboxes: "sprites",
  meansGone: ["not-found"],
  ifGone: "Make sure that nothing else deletes sprites whose names begin with `airlock-`.",
  ifLeft: "Delete it in the Sprites dashboard. A later run deletes it too, once its deadline has passed: Sprites itself never does.",
};

/** The service's word for the one 429 that waiting a minute does not cure (types of its published SDK, 0.1.0). */
const QUOTA_CODE = "concurrent_sprite_limit_exceeded";

const bodySchema = z.looseObject({
  error: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  retry_after_seconds: z.number().nonnegative().optional().catch(undefined),
});
type Body = z.infer<typeof bodySchema>;

/** The body's code decides which 429 it is; its words are only shown. */
export function readSpritesFailure({ status, retryAfter, text }: RefusedAnswer): VendorFailure {
  const body: Body = bodySchema.safeParse(parseJson(text)).data ?? {};
  const retryAfterMs = Math.max(1000 * (body.retry_after_seconds ?? 0), readRetryAfterMs(retryAfter));
  const detail = `status ${status}${body.error === undefined ? "" : `, ${body.error}`}${describe(body.message ?? (body.error === undefined ? text : ""))}`;
  return new VendorFailure(kindOf(status, body), { retryAfterMs, detail });
}

/** Sprites refuses with 403 what the token's organization may not do. */
function kindOf(status: number, { error }: Body): VendorFailure["kind"] {
  if (error === QUOTA_CODE) return "quota";
  return status === 403 ? "credentials" : kindOfStatus(status);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function describe(text: string): string {
  return text.trim() === "" ? "" : `: ${text}`;
}
