// Scripted Anthropic Messages API on loopback (node:http, no dependencies, Node >= 18).
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
import http from 'node:http';
import fs from 'node:fs';
import { pathToFileURL } from 'node:url';

export const DEFAULT_SCRIPT = { turns: [
  { text: 'I will add a line to the README.', tool: 'Bash', input: { command: 'echo "hello from the scripted model" >> README.md && git status --short', description: 'Append a line' } },
  { text: 'Done: appended one line to README.md.' } ] };
let seq = 0;
const id = (p) => `${p}_${String(++seq).padStart(24, '0')}`;
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));

function authOf(h) { // never log a whole key
  const sent = [['x-api-key', h['x-api-key']], ['authorization', h.authorization]].filter(([, v]) => v);
  return { shown: sent.map(([k, v]) => `${k}: ${v.length > 24 ? v.slice(0, 20) + '…' : v}`).join(' | ') || null, values: sent.map(([, v]) => v) };
}

/**
 * @param {{ script?: { turns: readonly object[], requireKey?: string, sideCallsUseTurns?: boolean }, port?: number, host?: string, log?: string }} [options]
 */
export async function startAnthropic({ script = DEFAULT_SCRIPT, port = 0, host = '127.0.0.1', log } = {}) {
  const requests = []; const tries = new Map();
  const note = (r) => { requests.push(r); if (log) fs.appendFileSync(log, JSON.stringify(r) + '\n'); };
  const server = http.createServer(async (req, res) => {
    const chunks = []; for await (const c of req) chunks.push(c);
    const raw = Buffer.concat(chunks).toString('utf8'); let body = null; try { body = raw ? JSON.parse(raw) : null; } catch { /* not JSON */ }
    const path = req.url.split('?')[0]; const auth = authOf(req.headers);
    const json = (status, obj, headers = {}) => { res.writeHead(status, { 'content-type': 'application/json', 'request-id': id('req'), ...headers }); res.end(JSON.stringify(obj)); };
    const fail = (status, type, message, headers) => json(status, { type: 'error', error: { type, message: message ?? type } }, headers);
    const rec = { n: requests.length + 1, method: req.method, url: req.url, auth: auth.shown, beta: req.headers['anthropic-beta'], ua: req.headers['user-agent'] };
    if (req.method === 'HEAD') { note(rec); res.writeHead(200); return res.end(); }
    if (path === '/v1/models') { note(rec); return json(200, { data: [{ type: 'model', id: 'claude-scripted-1', display_name: 'Scripted', created_at: '2026-01-01T00:00:00Z' }], has_more: false }); }
    if (path === '/v1/messages/count_tokens') { note(rec); return json(200, { input_tokens: Math.ceil(raw.length / 4) }); }
    if (req.method !== 'POST' || path !== '/v1/messages') { note({ ...rec, body: raw.slice(0, 400) }); return fail(404, 'not_found_error', `no such route ${req.method} ${path}`); }
    const msgs = body?.messages ?? []; const turnNo = msgs.filter((m) => m.role === 'assistant').length;
    const last = msgs.at(-1); const kinds = Array.isArray(last?.content) ? last.content.map((c) => c.type) : ['text'];
    const toolNames = (body?.tools ?? []).map((t) => t.name); const side = toolNames.length === 0 && !body?.output_config; // title / summary side calls carry no tools
    Object.assign(rec, { model: body?.model, stream: !!body?.stream, max_tokens: body?.max_tokens, messages: msgs.length, turn: turnNo, last: kinds, tools: toolNames, side, retry: req.headers['x-stainless-retry-count'] });
    if (process.env.SCRIPTED_DUMP) fs.writeFileSync(`${process.env.SCRIPTED_DUMP}/req-${rec.n}.json`, JSON.stringify({ headers: { ...req.headers, 'x-api-key': undefined, authorization: undefined }, body }, null, 1));
    note(rec);
    if (script.requireKey && !auth.values.some((v) => v.endsWith(script.requireKey))) return fail(401, 'authentication_error', 'invalid x-api-key');
    let turn = side && !script.sideCallsUseTurns ? { text: 'Scripted title' } : script.turns[Math.min(turnNo, script.turns.length - 1)];
    if (turn.times) { const k = tries.get(turnNo) ?? 0; tries.set(turnNo, k + 1); if (k >= turn.times) turn = turn.then ?? { text: 'recovered' }; }
    if (turn.delayMs) await sleep(turn.delayMs);
    if (turn.hang) return; // the client's own time-out must act
    if (turn.status) return fail(turn.status, turn.error ?? 'api_error', turn.message, turn.headers);
    const cwd = /working directory: (\S+)/i.exec(JSON.stringify(body).replace(/\\n/g, '\n'))?.[1]?.replace(/["\\]+$/, '') ?? '';
    const fill = (v) => JSON.parse(JSON.stringify(v).replaceAll('${CWD}', cwd));
    const blocks = []; if (turn.text !== undefined) blocks.push({ type: 'text', text: fill(turn.text) });
    for (const t of turn.tools ?? (turn.tool ? [turn] : [])) blocks.push({ type: 'tool_use', id: id('toolu'), name: toolNames.find((n) => n.toLowerCase() === t.tool.toLowerCase()) ?? t.tool, input: fill(t.input ?? {}) }); // opencode/copilot call it `bash`
    const usage = { input_tokens: 1000, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 50, service_tier: 'standard', ...turn.usage };
    const stop = turn.stop_reason ?? (blocks.some((b) => b.type === 'tool_use') ? 'tool_use' : 'end_turn');
    const head = { id: id('msg'), type: 'message', role: 'assistant', model: turn.model ?? body.model, content: [], stop_reason: null, stop_sequence: null };
    if (!body.stream) return json(200, { ...head, content: blocks, stop_reason: stop, usage });
    res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', 'request-id': id('req') });
    const ev = (type, o) => res.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...o })}\n\n`);
    ev('message_start', { message: { ...head, usage: { ...usage, output_tokens: 1 } } });
    if (turn.sse_error) { ev('error', { error: { type: turn.sse_error, message: turn.message ?? turn.sse_error } }); return res.end(); }
    blocks.forEach((b, index) => {
      if (b.type === 'text') { ev('content_block_start', { index, content_block: { type: 'text', text: '' } }); for (const piece of b.text.match(/[\s\S]{1,40}/g) ?? []) ev('content_block_delta', { index, delta: { type: 'text_delta', text: piece } }); }
      else { ev('content_block_start', { index, content_block: { ...b, input: {} } }); ev('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json: JSON.stringify(b.input) } }); }
      ev('content_block_stop', { index });
    });
    if (turn.drop) return res.destroy();
    ev('message_delta', { delta: { stop_reason: stop, stop_sequence: null }, usage: { ...usage } });
    ev('message_stop', {}); res.end();
  });
  await new Promise((r) => server.listen(port, host, r));
  return { server, requests, port: server.address().port, url: `http://${host}:${server.address().port}`, close: () => new Promise((r) => { server.closeAllConnections?.(); server.close(r); }) };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const arg = (n, d) => { const i = process.argv.indexOf(`--${n}`); return i > 0 ? process.argv[i + 1] : d; };
  const file = arg('script'); const s = await startAnthropic({ port: Number(arg('port', 0)), log: arg('log'), ...(file && { script: JSON.parse(fs.readFileSync(file, 'utf8')) }) });
  if (arg('ready')) fs.writeFileSync(arg('ready'), s.url);
  console.log(s.url);
}
