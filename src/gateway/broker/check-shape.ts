import { throwRefusal } from "./refusal.ts";
import type { HostedTool, RefusedAs, Shape } from "./shape.ts";

type Json = Readonly<Record<string, unknown>>;

/** What a request asks for beside its text. */
export interface AskedFor {
  /** Models that it names, wherever they stand. */
  readonly models: readonly string[];
  readonly hosted: readonly AskedTool[];
  /** Keys of all its objects, together. */
  readonly keys: number;
}

export interface AskedTool {
  readonly tool: HostedTool;
  /** As the request calls it: a type or a field. */
  readonly name: string;
  /** Its own object in the request. */
  readonly holder: unknown;
}

/** Deeper than any honest request, and shallow enough for every reader of JSON. */
const MAX_DEPTH = 100;

interface Walk {
  readonly path: (string | number)[];
  readonly models: string[];
  readonly hosted: AskedTool[];
  /** Whether names may be written with underscores, as readers of protocol buffers take them. */
  readonly foldNames: boolean;
  keys: number;
}

/**
 * Holds a request against its description, to the leaves.
 * @throws Refused with the path of what the description does not hold
 */
export function checkShape(body: Json, shape: Shape, { foldNames }: { readonly foldNames: boolean }): AskedFor {
  const walk: Walk = { path: [], models: [], hosted: [], foldNames, keys: 0 };
  check(walk, body, shape);
  return walk;
}

function check(walk: Walk, value: unknown, shape: Shape): void {
  if (value === null) return;
  if (walk.path.length > MAX_DEPTH) refuseDepth();
  if (shape.hosted !== undefined) ask(walk, value, shape.hosted);
  if (shape.free === true) skim(walk, value, walk.path.length);
  else if (shape.refused !== undefined) refuseUnlessEmpty(walk, value, shape.refused);
  else if (typeof value !== "object") checkScalar(walk, value, shape);
  else if (Array.isArray(value)) checkList(walk, value, shape);
  else checkObject(walk, value as Json, shape);
}

function ask(walk: Walk, value: unknown, tool: HostedTool): void {
  const type = (value as Json)["type"];
  walk.hosted.push({ tool, name: String(type ?? walk.path.at(-1)).slice(0, 60), holder: value });
}

function refuseUnlessEmpty(walk: Walk, value: unknown, { reason, words }: RefusedAs): void {
  if (value === false || value === "" || (Array.isArray(value) && value.length === 0)) return;
  throwRefusal(reason, 403, `${renderPath(walk.path)}: ${words}`);
}

function checkScalar(walk: Walk, value: unknown, { scalar }: Shape): void {
  if (scalar === "plain") return;
  if (scalar === undefined) refuseUnknown(walk);
  if (scalar === "model") walk.models.push(String(value));
  else if (typeof value !== "string" || !/^(?:data:|$)/i.test(value)) refuseAddress(walk);
}

function checkList(walk: Walk, value: readonly unknown[], { items }: Shape): void {
  if (items === undefined) refuseUnknown(walk);
  for (let at = 0; at < value.length; at++) {
    walk.path.push(at);
    check(walk, value[at], items);
    walk.path.pop();
  }
}

function checkObject(walk: Walk, value: Json, { types, fields }: Shape): void {
  const type = value["type"] ?? undefined;
  if (types === undefined || type === undefined) {
    checkFields(walk, value, fields);
    return;
  }
  const found = typeof type === "string" && Object.hasOwn(types, type) ? types[type] : undefined;
  if (found === undefined) refuseType(walk, type);
  check(walk, value, found);
}

function checkFields(walk: Walk, value: Json, fields: Shape["fields"]): void {
  if (fields === undefined) refuseUnknown(walk);
  const names = Object.keys(value);
  walk.keys += names.length;
  for (const name of names) {
    walk.path.push(name);
    const known = walk.foldNames ? foldName(name, value) : name;
    const shape = known !== undefined && Object.hasOwn(fields, known) ? fields[known] : undefined;
    if (shape === undefined) refuseUnknown(walk);
    check(walk, value[name], shape);
    walk.path.pop();
  }
}

/** `file_data` and `fileData` are one field; undefined where an object says it both ways, so that it could be read in two. */
function foldName(name: string, holder: Json): string | undefined {
  if (!name.includes("_")) return name;
  const folded = name.replace(/_([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());
  return Object.hasOwn(holder, folded) ? undefined : folded;
}

/** Counts the keys of what only the model reads. */
function skim(walk: Walk, value: unknown, depth: number): void {
  if (typeof value !== "object" || value === null) return;
  if (depth > MAX_DEPTH) refuseDepth();
  if (!Array.isArray(value)) walk.keys += Object.keys(value).length;
  for (const inner of Object.values(value)) skim(walk, inner, depth + 1);
}

function refuseUnknown({ path }: Walk): never {
  throwRefusal("unknown-field", 403, `${renderPath(path)} is not in Airlock's description of this API, so nothing was sent. ${REMEDY}`);
}

function refuseType({ path }: Walk, type: unknown): never {
  const where = renderPath([...path, "type"]);
  const shown = renderName(String(type));
  throwRefusal(
    "unknown-field",
    403,
    `${where} is ${shown}, which is not in Airlock's description of this API; nothing was sent. ${REMEDY}`,
  );
}

const REMEDY = "Leave it out; where a newer agent needs it, use a newer Airlock or report it.";

function refuseAddress({ path }: Walk): never {
  throwRefusal(
    "server-side-connector",
    403,
    `${renderPath(path)}: send images and files as data; an address that the model's service would fetch is a way past the egress policy.`,
  );
}

function refuseDepth(): never {
  throwRefusal("body-unreadable", 400, `The body is nested deeper than ${MAX_DEPTH} levels.`);
}

const MAX_SHOWN_STEPS = 20;

/** Such as `messages[3].content[0].source.url`. Names come from the guest: only plain ones are shown. */
function renderPath(path: readonly (string | number)[]): string {
  const steps = path.slice(0, MAX_SHOWN_STEPS).map((step) => (typeof step === "number" ? `[${step}]` : `.${renderName(step)}`));
  const text = steps.join("").replace(/^\./, "");
  return text === "" ? "The body" : text;
}

function renderName(name: string): string {
  return /^[A-Za-z0-9_-]{1,60}$/.test(name) ? name : "?";
}
