/** GitHub's expressions as far as the workflows here use them; whatever else one holds is an error, never a guess (docs.github.com, "Evaluate expressions"). */

export type Value = string | number | boolean | null | readonly unknown[] | Readonly<Record<string, unknown>>;
export type Contexts = Readonly<Record<string, unknown>>;

type Reader = (contexts: Contexts) => Value;

const TOKEN = /\s*(?:('(?:[^']|'')*')|(==|!=|&&|\|\||[!().,])|(-?\d+(?:\.\d+)?)|([A-Za-z_][\w-]*))/y;
const FUNCTIONS: Readonly<Record<string, (...values: readonly Value[]) => Value>> = {
  contains: (all, one) => (Array.isArray(all) ? all.some((each) => equal(each as Value, one ?? null)) : fold(all).includes(fold(one))),
  endsWith: (text, end) => fold(text).endsWith(fold(end)),
  startsWith: (text, start) => fold(text).startsWith(fold(start)),
};

/** The value of what stands between `${{` and `}}`. @throws Error for what is not known here */
export function evaluate(source: string, contexts: Contexts): Value {
  const tokens = tokenise(source);
  const read = parseOr(tokens);
  if (tokens.length > 0) throw new Error(`Not understood at ${tokens[0]} in: ${source}`);
  return read(contexts);
}

/** A field of a workflow: a text with expressions in it, or one expression as a whole, which keeps its type. */
export function interpolate(text: string, contexts: Contexts): Value {
  const whole = /^\$\{\{((?:(?!\}\}).)*)\}\}$/s.exec(text.trim());
  if (whole !== null) return evaluate(whole[1] ?? "", contexts);
  return text.replace(/\$\{\{(.*?)\}\}/gs, (_all, source: string) => toText(evaluate(source, contexts)));
}

/** An `if:`, with or without the braces. */
export function isTrue(condition: string, contexts: Contexts): boolean {
  const bare = condition.trim();
  return truthy(bare.startsWith("${{") ? interpolate(bare, contexts) : evaluate(bare, contexts));
}

export function toText(value: Value): string {
  if (value === null) return "";
  return typeof value === "object" ? "Object" : String(value);
}

function tokenise(source: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (source.slice(TOKEN.lastIndex).trim() !== "") {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(source);
    if (found === null) throw new Error(`Not understood: ${source.slice(at)}`);
    tokens.push(found[0].trim());
  }
  return tokens;
}

function take(tokens: string[], wanted: string): boolean {
  if (tokens[0] !== wanted) return false;
  tokens.shift();
  return true;
}

function need(tokens: string[], wanted: string): void {
  if (!take(tokens, wanted)) throw new Error(`${wanted} is missing before ${tokens[0] ?? "the end"}.`);
}

function parseOr(tokens: string[]): Reader {
  const first = parseAnd(tokens);
  if (!take(tokens, "||")) return first;
  const rest = parseOr(tokens);
  return (contexts) => {
    const value = first(contexts);
    return truthy(value) ? value : rest(contexts);
  };
}

function parseAnd(tokens: string[]): Reader {
  const first = parseEqual(tokens);
  if (!take(tokens, "&&")) return first;
  const rest = parseAnd(tokens);
  return (contexts) => {
    const value = first(contexts);
    return truthy(value) ? rest(contexts) : value;
  };
}

function parseEqual(tokens: string[]): Reader {
  const left = parseOne(tokens);
  const isEqual = take(tokens, "==");
  if (!isEqual && !take(tokens, "!=")) return left;
  const right = parseOne(tokens);
  return (contexts) => equal(left(contexts), right(contexts)) === isEqual;
}

function parseOne(tokens: string[]): Reader {
  if (take(tokens, "!")) {
    const inner = parseOne(tokens);
    return (contexts) => !truthy(inner(contexts));
  }
  if (take(tokens, "(")) {
    const inner = parseOr(tokens);
    need(tokens, ")");
    return inner;
  }
  const token = tokens.shift() ?? "";
  if (token.startsWith("'")) return () => token.slice(1, -1).replaceAll("''", "'");
  if (/^-?\d/.test(token)) return () => Number(token);
  if (!/^[A-Za-z_]/.test(token)) throw new Error(`A value is missing before ${token || "the end"}.`);
  if (take(tokens, "(")) return parseCall(token, tokens);
  return parsePath(token, tokens);
}

function parseCall(name: string, tokens: string[]): Reader {
  const run = FUNCTIONS[name];
  if (run === undefined) throw new Error(`The function ${name} is not known here.`);
  const values: Reader[] = [];
  do values.push(parseOr(tokens));
  while (take(tokens, ","));
  need(tokens, ")");
  return (contexts) => run(...values.map((read) => read(contexts)));
}

/** A context that is not given is an error; a field that is missing in it is null, as on GitHub. */
function parsePath(context: string, tokens: string[]): Reader {
  const fields: string[] = [];
  while (take(tokens, ".")) fields.push(tokens.shift() ?? "");
  if (fields.length === 0 && ["true", "false", "null"].includes(context)) return () => JSON.parse(context) as Value;
  return (contexts) => {
    if (!Object.hasOwn(contexts, context)) throw new Error(`The context ${context} is not known here.`);
    return fields.reduce<unknown>(fieldOf, contexts[context]) as Value;
  };
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return null;
  return (value as Readonly<Record<string, unknown>>)[name] ?? null;
}

function truthy(value: Value): boolean {
  return value !== null && value !== false && value !== 0 && value !== "";
}

/** Texts are equal without regard to case; of two kinds, both are read as numbers. */
function equal(left: Value, right: Value): boolean {
  if (typeof left === "string" && typeof right === "string") return fold(left) === fold(right);
  if (typeof left === typeof right && left !== null && right !== null) return left === right;
  return toNumber(left) === toNumber(right);
}

function toNumber(value: Value): number {
  return typeof value === "object" && value !== null ? Number.NaN : Number(value);
}

function fold(value: Value | undefined): string {
  return toText(value ?? null).toLowerCase();
}
