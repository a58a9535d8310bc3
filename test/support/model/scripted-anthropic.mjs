// Scripted Anthropic Messages API on loopback.
//   CLI : node scripted-anthropic.mjs [--port 0] [--script file.json] [--log requests.jsonl] [--ready file]
//   lib : const s = await startAnthropic({ script, log }); s.url; s.requests; await s.close()
// Script = { "turns": [turn, turn, ...], "requireKey": "sk-test-000"? }. The turn is picked by HOW MANY
// assistant messages the posted conversation already holds, so retries replay the same turn and
// --resume continues where it stopped. Past the end: the last turn is repeated. A turn is one of
//   {text:"…"}                                  final text, stop_reason end_turn
//   {tool:"Bash", input:{command:"…"}, text?}   one tool_use (tools:[{tool,input},…] = several)
//   {status:529, error:"overloaded_error", message?, headers?, times?}  error; with `times`: only that many, then `then`
//   {hang:true} never answers · {drop:true} cuts the socket mid-stream · {sse_error:"overloaded_error"} error event in a 200
// Common extras: usage:{input_tokens,output_tokens,…}, delayMs, stop_reason, model.
// String values may use ${CWD}: the cwd read out of the client's system prompt ("Primary working directory: …").
import { inPieces, makeIds, pickTurn, playTrouble, runFromCommandLine, serveScript } from "./scripted-model.mjs";

export const DEFAULT_SCRIPT = {
  turns: [
    {
      text: "I will add a line to the README.",
      tool: "Bash",
      input: { command: 'echo "hello from the scripted model" >> README.md && git status --short', description: "Append a line" },
    },
    { text: "Done: appended one line to README.md." },
  ],
};

const MODELS = {
  data: [{ type: "model", id: "claude-scripted-1", display_name: "Scripted", created_at: "2026-01-01T00:00:00Z" }],
  has_more: false,
};
const USAGE = {
  input_tokens: 1000,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: 50,
  service_tier: "standard",
};
const makeId = makeIds(24);

/** @param {import("./scripted-model.mjs").ScriptedOptions} [options] */
export function startAnthropic({ script = DEFAULT_SCRIPT, ...options } = {}) {
  return serveScript({ script, ...options, reply });
}

async function reply(call) {
  const { request, response, url, raw, json, note } = call;
  const keys = readKeys(request.headers);
  const record = describe(call, keys);
  const route = `${request.method} ${url.pathname}`;
  if (route === "POST /v1/messages") return replyMessage(call, { record, keys });
  if (request.headers["user-agent"] === "airlock") return replyTrial(call, keys);
  note(
    route.endsWith(" /v1/models") || request.method === "HEAD" || route.endsWith("/count_tokens")
      ? record
      : { ...record, body: raw.slice(0, 400) },
  );
  if (request.method === "HEAD") return response.writeHead(200).end();
  if (url.pathname === "/v1/models") return json(200, MODELS, requestId());
  if (url.pathname === "/v1/messages/count_tokens") return json(200, { input_tokens: Math.ceil(raw.length / 4) }, requestId());
  return fail(json, { status: 404, error: "not_found_error", message: `no such route ${route}` });
}

/** The gateway tries the key before the agent asks for anything: no request of the agent's. */
function replyTrial({ script, json }, keys) {
  if (!hasKey(script, keys)) return fail(json, { status: 401, error: "authentication_error", message: "invalid x-api-key" });
  return json(200, { input_tokens: 8 }, requestId());
}

function hasKey({ requireKey }, keys) {
  return requireKey === undefined || keys.some(([, value]) => value.endsWith(requireKey));
}

async function replyMessage(call, { record, keys }) {
  const { body, script, json, note, request } = call;
  const facts = readConversation(body);
  note({ ...record, ...facts, retry: request.headers["x-stainless-retry-count"] });
  if (!hasKey(script, keys)) {
    return fail(json, { status: 401, error: "authentication_error", message: "invalid x-api-key" });
  }
  const turn = facts.side && !script.sideCallsUseTurns ? { text: "Scripted title" } : pickTurn(call, facts.turn);
  if (await playTrouble(turn, (trouble) => fail(json, trouble))) return undefined;
  return answer(call, turn, facts.tools);
}

function answer({ body, response, json }, turn, toolNames) {
  const blocks = makeBlocks(turn, { toolNames, body });
  const usage = { ...USAGE, ...turn.usage };
  const stop = turn.stop_reason ?? (blocks.some(({ type }) => type === "tool_use") ? "tool_use" : "end_turn");
  const head = {
    id: makeId("msg"),
    type: "message",
    role: "assistant",
    model: turn.model ?? body.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
  };
  if (!body.stream) return json(200, { ...head, content: blocks, stop_reason: stop, usage }, requestId());
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache", ...requestId() });
  const send = (type, value) => response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...value })}\n\n`);
  send("message_start", { message: { ...head, usage: { ...usage, output_tokens: 1 } } });
  if (turn.sse_error !== undefined) {
    send("error", { error: { type: turn.sse_error, message: turn.message ?? turn.sse_error } });
    return response.end();
  }
  blocks.forEach((block, index) => {
    sendBlock(send, block, index);
  });
  if (turn.drop) return response.destroy();
  send("message_delta", { delta: { stop_reason: stop, stop_sequence: null }, usage });
  send("message_stop", {});
  return response.end();
}

function sendBlock(send, block, index) {
  if (block.type === "text") {
    send("content_block_start", { index, content_block: { type: "text", text: "" } });
    for (const text of inPieces(block.text)) send("content_block_delta", { index, delta: { type: "text_delta", text } });
  } else {
    send("content_block_start", { index, content_block: { ...block, input: {} } });
    send("content_block_delta", { index, delta: { type: "input_json_delta", partial_json: JSON.stringify(block.input) } });
  }
  send("content_block_stop", { index });
}

/** Tool names are matched without case: clients write `Bash` or `bash`. */
function makeBlocks(turn, { toolNames, body }) {
  const folder = /working directory: (\S+)/i.exec(JSON.stringify(body).replace(/\\n/g, "\n"))?.[1]?.replace(/["\\]+$/, "") ?? "";
  const fill = (value) => JSON.parse(JSON.stringify(value).replaceAll("${CWD}", folder));
  const calls = turn.tools ?? (turn.tool === undefined ? [] : [turn]);
  const uses = calls.map(({ tool, input = {} }) => {
    const name = toolNames.find((known) => known.toLowerCase() === tool.toLowerCase()) ?? tool;
    return { type: "tool_use", id: makeId("toolu"), name, input: fill(input) };
  });
  return [...(turn.text === undefined ? [] : [{ type: "text", text: fill(turn.text) }]), ...uses];
}

/** Calls for a title or a summary carry no tools. */
function readConversation(body) {
  const { messages = [], tools = [], output_config, model, stream, max_tokens } = body ?? {};
  const last = messages.at(-1)?.content;
  return {
    model,
    stream: Boolean(stream),
    max_tokens,
    messages: messages.length,
    turn: messages.filter(({ role }) => role === "assistant").length,
    last: Array.isArray(last) ? last.map(({ type }) => type) : ["text"],
    tools: tools.map(({ name }) => name),
    side: tools.length === 0 && output_config === undefined,
  };
}

/** A whole key is never noted. */
function describe({ request, number }, keys) {
  const shown = keys.map(([name, value]) => `${name}: ${value.length > 24 ? `${value.slice(0, 20)}…` : value}`).join(" | ");
  const { method, url, headers } = request;
  return { n: number, method, url, auth: shown === "" ? null : shown, beta: headers["anthropic-beta"], ua: headers["user-agent"] };
}

function readKeys(headers) {
  return ["x-api-key", "authorization"].flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]]));
}

function fail(json, { status, error: type = "api_error", message = type, headers = {} }) {
  json(status, { type: "error", error: { type, message } }, { ...requestId(), ...headers });
}

function requestId() {
  return { "request-id": makeId("req") };
}

await runFromCommandLine(import.meta.url, startAnthropic);
