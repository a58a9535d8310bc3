import type { IncomingMessage } from "node:http";
import type { AirlockError } from "../../domain/errors.ts";
import type { ModelApi, ModelUpstream } from "../../ports/gateway.ts";
import { findDefinite, readError } from "./service-health.ts";
import type { BrokerUpstream } from "./upstream.ts";

/** A service that is slower than this is left to the agent's own requests. */
const TRY_MS = 10_000;
const MAX_BYTES = 4096;

/** A call of each API that shows the credential and the model, and costs nothing. */
const CALLS: Readonly<Record<ModelApi, (model: string) => { readonly method: string; readonly target: string; readonly body?: unknown }>> =
  {
    anthropic: (model) => ({
      method: "POST",
      target: "/v1/messages/count_tokens",
      body: { model, messages: [{ role: "user", content: "hello" }] },
    }),
    openai: (model) => ({ method: "GET", target: `/v1/models/${encodeURIComponent(model)}` }),
    gemini: (model) => ({ method: "GET", target: `/v1beta/models/${encodeURIComponent(model)}` }),
  };

/** Asked about where the run may use every model, or only a family of them. */
const SOME_MODEL: Readonly<Record<ModelApi, string>> = { anthropic: "claude-sonnet-5-5", openai: "gpt-5", gemini: "gemini-2.5-pro" };

/** Keys and tokens may be good for answers and not for this call. */
const ONLY_THIS_CALL = /missing scopes|insufficient permissions|oauth|scope requirement/i;

/** What the service definitely says against the credential; undefined when it accepts it, or says nothing that is sure. */
export async function tryCredential(upstream: BrokerUpstream, model: ModelUpstream): Promise<AirlockError | undefined> {
  const name = model.allowedModels.find((rule) => !rule.endsWith("*")) ?? SOME_MODEL[model.api];
  const call = CALLS[model.api](name);
  const body = Buffer.from(call.body === undefined ? "" : JSON.stringify(call.body));
  const headers = {
    "user-agent": "airlock",
    ...(body.length === 0 ? {} : { "content-type": "application/json" }),
    ...(model.api === "anthropic" ? { "anthropic-version": "2023-06-01" } : {}),
  };
  try {
    const response = await upstream.send({ method: call.method, target: call.target, headers, body, signal: AbortSignal.timeout(TRY_MS) });
    const said = readError(await readStart(response));
    const status = response.statusCode ?? 0;
    if (ONLY_THIS_CALL.test(said.message)) return undefined;
    return findDefinite(model.credential.value.name, { status, said, answered: false });
  } catch {
    return undefined;
  }
}

async function readStart(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MAX_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_BYTES).toString("utf8");
}
